import CGPIOTwin
import Glibc
import Testing

/// The shim for libgpiod 2.x over chips that the test makes up: Debian 12 brings 1.6, and build machines have no chip.
@Suite("Lines of a GPIO chip, with libgpiod 2.x", .serialized)
struct GPIOTwinTests {
    private static let fault: [Int32] = [0, 0, 0, 0, 1]

    /// What opening ended with; 0 if the lines are held. They are released again.
    private func open(_ chip: String) -> Int32 {
        var code: Int32 = 0
        // The array has the five places asked for and lives through the call.
        guard let lines = unsafe twin_gpio_open(chip, Self.fault, false, &code) else { return code }
        unsafe twin_gpio_close(lines)
        return 0
    }

    @Test("A chip is found by name, by path and by label")
    func found() {
        twin_reset()
        unsafe twin_add_chip("soc", 0)
        unsafe twin_add_chip("lamps", 0)
        for name in ["gpiochip1", "/dev/gpiochip1", "lamps"] { #expect(open(name) == 0, "\(name)") }
        #expect(open("gpiochip2") == ENOENT)
        #expect(open("bells") == ENOENT)
        #expect(twin_open_chips() == 0)
    }

    @Test(
        "A chip that may not be opened is told as that, by label too, not as one that is not there"
    )
    func forbidden() {
        twin_reset()
        unsafe twin_add_chip("lamps", EACCES)
        for name in ["gpiochip0", "/dev/gpiochip0", "lamps"] {
            #expect(open(name) == EACCES, "\(name)")
        }
    }

    @Test(
        "One forbidden chip does not hide another's label, and its error outranks that of one with another label"
    )
    func besideForbidden() {
        twin_reset()
        unsafe twin_add_chip("soc", EACCES)
        unsafe twin_add_chip("lamps", 0)
        #expect(open("lamps") == 0)
        #expect(open("bells") == EACCES)
        #expect(twin_open_chips() == 0)
    }

    @Test("Without any chip there is none")
    func none() {
        twin_reset()
        #expect(open("lamps") == ENOENT)
    }

    @Test(
        "All lines are held at once with the values given, set together, and let go",
        arguments: [false, true]
    )
    func levels(isActiveLow: Bool) throws {
        twin_reset()
        unsafe twin_add_chip("lamps", 0)
        var code: Int32 = 0
        // The arrays have the five places asked for and live through the calls.
        let lines = try unsafe #require(twin_gpio_open("lamps", Self.fault, isActiveLow, &code))
        func levels() -> [Int32] {
            (0..<5).map { twin_level(0, $0) }.map { $0 < 0 ? $0 : isActiveLow ? 1 - $0 : $0 }
        }
        #expect(levels() == Self.fault)
        #expect(open("lamps") == EBUSY)
        unsafe #expect(twin_gpio_set(lines, [1, 0, 0, 1, 0]) == 0)
        #expect(levels() == [1, 0, 0, 1, 0])
        unsafe twin_gpio_close(lines)
        #expect((0..<6).map { twin_level(0, $0) }.allSatisfy { $0 < 0 })
    }
}
