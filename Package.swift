// swift-tools-version: 6.2
import PackageDescription

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

let package = Package(
    name: "kioskpay",
    targets: [
        .target(name: "Payments", swiftSettings: ours),
        .testTarget(name: "PaymentsTests", dependencies: ["Payments"], swiftSettings: ours),
    ]
)
