// swift-tools-version: 6.2
import PackageDescription

/// A build for `tools/fuzz`: optimised, with its checks left in, and every room instrumented. Any other build knows
/// nothing of it.
let isFuzzing = Context.environment["KIOSKPAY_FUZZ"] == "1"
let sanitizers = "-sanitize=fuzzer,address"

/// What every target of ours is compiled with. Warnings become errors only when `tools/test` or CI asks for it,
/// so that a newer compiler on a user's machine does not break the build.
let ours: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
    ]
    + (Context.environment["KIOSKPAY_WARNINGS_AS_ERRORS"] == "1"
        ? [.treatAllWarnings(as: .error)] : [])
    + (isFuzzing ? [.unsafeFlags(["-enable-testing", "-assert-config", "Debug", sanitizers])] : [])

/// A room: one of our own targets, compiled as ours.
func room(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: ours)
}

/// A C library that Debian provides, behind a module map and a shim.
func library(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// The tests of a room, named after it.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        exclude: exclude,
        swiftSettings: ours
    )
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let lifecycleTests = Target.Dependency.product(
    name: "ServiceLifecycleTestKit",
    package: "swift-service-lifecycle"
)
let signals = Target.Dependency.product(
    name: "UnixSignals",
    package: "swift-service-lifecycle"
)
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "kioskpay",
    products: [
        .executable(name: "kioskpayd", targets: ["kioskpayd"]),
        .executable(name: "kioskpay", targets: ["kioskpay"]),
    ],
    dependencies: [
        // The local HTTP interface; without traits it stays free of Foundation.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            exact: "2.28.1",
            traits: []
        ),
        // Signals and an orderly end.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        // The log's interface; the handler for journald is ours.
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        // The command line of both programs.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: [
        library("CCurl", "libcurl", apt: "libcurl4-openssl-dev"),
        library("CExpat", "expat", apt: "libexpat1-dev"),
        library("CJansson", "jansson", apt: "libjansson-dev"),
        library("COpenSSL", "openssl", apt: "libssl-dev"),
        library("CSQLite", "sqlite3", apt: "libsqlite3-dev"),
        library("CSerialPort", "libserialport", apt: "libserialport-dev"),
        // The C library itself: character sets, and Linux calls that Swift does not expose.
        .systemLibrary(name: "CIconv"),
        .systemLibrary(name: "CLinux"),
        // Compiled, because it hides two incompatible versions of libgpiod behind one interface.
        .target(name: "CGPIO", linkerSettings: [.linkedLibrary("gpiod")]),
        // Compiled, because only the C preprocessor knows the day.
        .target(name: "CBuildDate"),

        room("Payments", []),
        room("Threads", ["CLinux"]),
        room("StrictJSON", ["CJansson"]),
        room("WeChatPay", ["Payments", "COpenSSL", "CExpat"]),
        room("Transport", ["Threads", "CCurl", "COpenSSL"]),
        room("Devices", ["Payments", "Threads", "CSerialPort", "CGPIO", "CIconv"]),
        room("Provisioning", ["StrictJSON", "COpenSSL"]),
        room("Journal", ["Payments", "Threads", "CSQLite", "CLinux"]),
        room("KioskClient", ["Threads"]),
        room(
            "Kiosk",
            [
                "Payments", "StrictJSON", "WeChatPay", "Transport", "Journal", "Devices",
                "Provisioning", "Threads", "CBuildDate", "CLinux", hummingbird, lifecycle, logging,
            ]
        ),
        room(
            "Sandbox",
            ["Payments", "Threads", "COpenSSL", "CExpat", "CIconv", "CLinux"],
            exclude: ["SANDBOX.md"]
        ),

        room("Simulation", ["Payments"], exclude: ["SIMULATION.md"]),

        .executableTarget(
            name: "kioskpayd",
            dependencies: ["Kiosk", "Payments", "Provisioning", arguments, logging],
            swiftSettings: ours
        ),
        .executableTarget(
            name: "kioskpay",
            dependencies: [
                "Kiosk", "KioskClient", "Sandbox", "Simulation", "Journal", "Payments",
                "StrictJSON", "Threads", arguments, signals,
            ],
            swiftSettings: ours
        ),
        // Measures the other two; not installed.
        .executableTarget(
            name: "kioskpay-bench",
            dependencies: [
                "Sandbox", "Journal", "Payments", "StrictJSON", "Threads", "COpenSSL", arguments,
            ],
            swiftSettings: ours
        ),

        // What the tests of many rooms need: files, seeded chance.
        .target(name: "TestKit", path: "Tests/TestKit", swiftSettings: ours),
        tests("PaymentsTests", ["Payments", "TestKit"], exclude: ["NotReached.txt"]),
        tests("SimulationTests", ["Payments", "Simulation"]),
        tests("StrictJSONTests", ["StrictJSON", "TestKit"]),
        tests("WeChatPayTests", ["Payments", "WeChatPay", "TestKit"]),
        tests("TransportTests", ["Transport", "COpenSSL", "CLinux", "TestKit"]),
        tests("JournalTests", ["Journal", "Payments", "Threads", "CSQLite", "TestKit"]),
        tests("HouseTests", []),
        tests("BenchTests", ["kioskpay-bench"]),
        tests("DemoTests", ["kioskpay", "KioskClient", "Payments", "Sandbox"]),
        tests("KioskClientTests", ["KioskClient"]),
        tests("ThreadsTests", ["Threads"]),
        tests("SandboxTests", ["Sandbox", "Payments", "COpenSSL", "CLinux", "TestKit"]),
        tests(
            "KioskTests",
            [
                "Kiosk", "Payments", "StrictJSON", "Devices", "Threads", "Transport", "WeChatPay",
                "Provisioning", "Sandbox", "TestKit",
                logging,
                lifecycle, lifecycleTests,
            ]
        ),
        tests(
            "ProvisioningTests",
            ["COpenSSL", "Provisioning", "StrictJSON", "TestKit"],
            exclude: ["Fixtures"]
        ),
        // The whole program: the real daemon against the sandbox.
        tests(
            "EndToEndTests",
            [
                "Payments", "Journal", "Sandbox", "StrictJSON", "Threads", "CSQLite", "TestKit",
                "kioskpay", "kioskpayd",
            ]
        ),
        tests(
            "DevicesTests",
            ["Devices", "Sandbox", "Payments", "Threads", "CGPIOTwin", "TestKit"],
            exclude: ["Golden"]
        ),
        // The half of CGPIO that Debian 12's libgpiod leaves empty, over a library that a test makes up.
        .target(
            name: "CGPIOTwin",
            path: "Tests/CGPIOTwin",
            exclude: ["gpiod2"],
            cSettings: [
                .headerSearchPath("gpiod2"), .headerSearchPath("../../Sources/CGPIO/include"),
            ]
        ),
        // What fuzzing checks, on the inputs that it began with and those that it found.
        tests(
            "FuzzTests",
            [
                "Payments", "Devices", "WeChatPay", "Provisioning", "StrictJSON", "Kiosk",
                "Sandbox", "TestKit",
            ],
            exclude: ["Engine"]
        ),
    ]
)

// The checks of FuzzTests behind libFuzzer, in place of all tests.
if isFuzzing {
    package.targets.removeAll(where: \.isTest)
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/FuzzTests/Engine/CFuzzer"),
        .executableTarget(
            name: "kioskpay-fuzz",
            dependencies: [
                "Payments", "Devices", "WeChatPay", "Provisioning", "StrictJSON", "Kiosk",
                "Sandbox", "CFuzzer", "TestKit",
            ],
            path: "Tests/FuzzTests",
            exclude: ["Replay", "Engine/CFuzzer", "Engine/Dictionaries"],
            swiftSettings: ours,
            // gold, Swift's usual linker here, fails on the address sanitizer's symbols.
            linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])]
        ),
    ]
}
