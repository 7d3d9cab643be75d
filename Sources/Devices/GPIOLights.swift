internal import CGPIO
internal import Glibc
internal import Synchronization

/// Lights on lines of a GPIO chip, all requested at once with out of service lit, and held for the whole run.
///
/// What the lines show after the process died is up to driver and wiring (device facts, 4.2).
final class GPIOLights: LightDriver {
    private let lines: Mutex<Lines?>

    init(chip: String, lines: GPIOLightLines, activeLow: Bool) throws(LightsError) {
        self.lines = Mutex(try Lines(chip: chip, lines: lines, activeLow: activeLow))
    }

    func set(_ levels: LightLevels) -> Bool {
        lines.withLock { $0?.set(levels) ?? false }
    }

    func close() {
        lines.withLock { $0 = nil }
    }

    /// The library's handle: private to this value, used under the lock only, and closed exactly once.
    @safe private struct Lines: ~Copyable {
        private let handle: OpaquePointer

        init(chip: String, lines: GPIOLightLines, activeLow: Bool) throws(LightsError) {
            let offsets = LightName.allCases.map { UInt32(exactly: lines[$0]) }.compactMap(\.self)
            guard Set(offsets).count == LightName.allCases.count else {
                throw LightsError(
                    description: "The five lights need five different line numbers from 0 on; "
                        + "correct lights.ready, busy, approved, declined and fault."
                )
            }
            var error = unsafe kioskpay_gpio_error()
            // Both arrays have as many places as the count says and live through the call.
            let opened = unsafe kioskpay_gpio_open(
                chip, offsets, Self.values(.safe), offsets.count, activeLow, "kioskpayd", &error)
            guard let handle = unsafe opened else {
                throw unsafe Self.describe(error, chip: chip)
            }
            unsafe self.handle = handle
        }

        deinit { unsafe kioskpay_gpio_close(handle) }

        func set(_ levels: LightLevels) -> Bool {
            var error = unsafe kioskpay_gpio_error()
            // The array has one place per line requested and lives through the call.
            return unsafe kioskpay_gpio_set(handle, Self.values(levels), &error) == 0
        }

        private static func values(_ levels: LightLevels) -> [Int32] {
            LightName.allCases.map { levels[$0] ? 1 : 0 }
        }

        private static func describe(_ error: kioskpay_gpio_error, chip: String) -> LightsError {
            let advice =
                switch unsafe error.code {
                case EBUSY: "another program or driver holds a line; stop it or choose other lines"
                case EACCES, EPERM: "add the user to the group that owns the chip"
                case ENOENT, ENODEV, ENXIO: "there is no such chip; correct lights.chip"
                case EINVAL: "the chip has no such line; correct the lights' line numbers"
                default: "check the chip and its driver"
                }
            // The step is a string constant of the shim.
            let step = unsafe String(cString: error.step)
            return LightsError(
                description: "The lights on \(chip) cannot be used (failed to \(step)): \(advice)."
            )
        }
    }
}
