import Sandbox
import Testing

/// The name service of the real daemon goes wrong. What stands before the system's resolver is of the test's own; queries on
/// the wire and `/etc/resolv.conf` are the system's business.
@Suite(
    "Faults of the name service, end to end (B5, B10)",
    .enabled(if: Preload.isAvailable, "needs a C compiler")
)
struct NameFaultTests {
    private static func run(
        _ settings: KioskSettings = KioskSettings(),
        _ body: @escaping @Sendable (Kiosk, NameFaults) throws -> Void,
    ) async throws {
        try await Kiosk.run(settings) { kiosk in
            try kiosk.configure(["wechat": kiosk.weChat(host: NameFaults.name)])
            try body(kiosk, NameFaults(in: kiosk.folder))
        }
    }

    @Test(
        "A name that is not found, or that nobody answers for: no sale starts, the end is quick, and ready comes by itself",
        arguments: [NameFaults.Fault.unknown, .silent]
    )
    func notFound(_ fault: NameFaults.Fault) async throws {
        try await Self.run { kiosk, names in
            for isLast in [false, true] {
                names.arm(fault)
                try kiosk.start(isReady: false, environment: names.environment)
                try kiosk.awaitReason("network")
                let refused = try kiosk.askSale()
                #expect(refused.status == 503 && refused.problem == "not-ready")
                #expect(try kiosk.ask("GET", "/healthz").status == 200)
                #expect(try !kiosk.status().isReachable)
                #expect(kiosk.submitCount == 0 && names.lookups > 0)
                if isLast { break }
                // A lookup that hangs must not hold up the end.
                #expect(try kiosk.stop(within: .seconds(10)) == .exit(0))
            }
            names.arm(.none)
            try kiosk.payOnce()
        }
    }

    @Test(
        "The first of two addresses is dead: the second one is used, at every new connection",
        arguments: [NameFaults.Fault.refusingFirst, .deafFirst]
    )
    func deadFirst(_ fault: NameFaults.Fault) async throws {
        var settings = KioskSettings()
        // Half of it is the first address's.
        settings.timing["connectTimeoutSeconds"] = 4
        settings.timing["requestTimeoutSeconds"] = 5
        try await Self.run(settings) { kiosk, names in
            let deaf = try DeafPort(NameFaults.deaf, kiosk.sandbox.port ?? 0)
            try withExtendedLifetime(deaf) {
                names.arm(fault)
                try kiosk.start(environment: names.environment)
                try kiosk.payOnce()
                try kiosk.sandbox.setNetwork(.cut)
                try kiosk.awaitReason("network")
                try kiosk.sandbox.setNetwork(.up)
                try kiosk.payOnce()
                #expect(names.lookups > 0)
            }
        }
    }

    @Test("The name service fails when the name is known: the kiosk sells on over a new connection")
    func lostLater() async throws {
        try await Self.run { kiosk, names in
            try kiosk.start(environment: names.environment)
            try kiosk.payOnce()
            names.arm(.unknown)
            try kiosk.sandbox.setNetwork(.cut)
            try kiosk.awaitReason("network")
            try kiosk.sandbox.setNetwork(.up)
            try kiosk.payOnce()
        }
    }
}
