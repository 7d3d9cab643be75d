/// What one target of the product may build on. The table is read from the ground up: each row may only name rows above.
struct Room {
    let name: String
    /// Targets of ours, C libraries included.
    var mayImport: Set<String> = []
    /// Modules of packages, and of the system beyond the standard library.
    var mayImportFromOutside: Set<String> = []

    /// Libraries of C, each behind a module map and a shim; they import nothing of ours.
    static let libraries = [
        "CBuildDate", "CCurl", "CExpat", "CGPIO", "CIconv", "CJansson", "CLinux", "COpenSSL",
        "CSQLite", "CSerialPort", "CFuzzer", "CGPIOTwin",
    ]

    /// The rooms of the house. Changing a row is a decision about the architecture, not a way to make a test pass.
    static let all: [Room] =
        libraries.map { Room(name: $0) } + [
            // Pure: no input, no output, no clock, no randomness.
            Room(name: "Payments"),
            Room(name: "Threads", mayImport: ["CLinux"], mayImportFromOutside: system),
            Room(name: "StrictJSON", mayImport: ["CJansson"]),
            Room(
                name: "WeChatPay",
                mayImport: ["Payments", "COpenSSL", "CExpat"],
                mayImportFromOutside: system,
            ),
            Room(
                name: "Transport",
                mayImport: ["CCurl", "COpenSSL", "Threads"],
                mayImportFromOutside: system,
            ),
            Room(
                name: "Journal",
                mayImport: ["Payments", "CSQLite", "CLinux", "Threads"],
                mayImportFromOutside: system,
            ),
            Room(
                name: "Devices",
                mayImport: ["Payments", "CSerialPort", "CGPIO", "CIconv", "Threads"],
                mayImportFromOutside: system,
            ),
            Room(
                name: "Provisioning",
                mayImport: ["StrictJSON", "COpenSSL"],
                mayImportFromOutside: system,
            ),
            Room(
                name: "Kiosk",
                mayImport: [
                    "Payments", "Threads", "StrictJSON", "WeChatPay", "Transport", "Journal",
                    "Devices", "Provisioning", "CBuildDate", "CLinux",
                ],
                mayImportFromOutside: system.union([
                    "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOHTTPTypes",
                    "NIOPosix",
                    "ServiceLifecycle", "Logging", "UnixSignals",
                ]),
            ),
            // A client of the daemon's local interface, for our own tools.
            Room(name: "KioskClient", mayImport: ["Threads"], mayImportFromOutside: system),
            Room(
                name: "Sandbox",
                mayImport: [
                    "Payments", "COpenSSL", "CExpat", "CIconv", "CLinux", "Threads",
                ],
                mayImportFromOutside: system,
            ),
            Room(name: "Simulation", mayImport: ["Payments"]),
            Room(
                name: "kioskpayd",
                mayImport: ["Kiosk", "Payments", "Provisioning"],
                mayImportFromOutside: system.union(["ArgumentParser", "Logging"]),
            ),
            Room(
                name: "kioskpay",
                mayImport: [
                    "Kiosk", "KioskClient", "Sandbox", "Simulation", "Journal", "Payments",
                    "StrictJSON", "Threads",
                ],
                mayImportFromOutside: system.union(["ArgumentParser", "UnixSignals"]),
            ),
            Room(
                name: "kioskpay-bench",
                mayImport: ["Threads", "StrictJSON", "Payments", "Journal", "Sandbox", "COpenSSL"],
                mayImportFromOutside: system.union(["ArgumentParser"]),
            ),
            // What the tests of many rooms need; its sources are below Tests.
            Room(name: "TestKit", mayImportFromOutside: system),
            // The checks of FuzzTests behind libFuzzer; its sources are below Tests.
            Room(
                name: "kioskpay-fuzz",
                mayImport: [
                    "Payments", "Devices", "WeChatPay", "Provisioning", "StrictJSON", "Kiosk",
                    "Sandbox", "CFuzzer", "TestKit",
                ],
            ),
        ]

    /// What every room but the pure ones may use: the C library and locks.
    static let system: Set<String> = ["Glibc", "Synchronization"]
}
