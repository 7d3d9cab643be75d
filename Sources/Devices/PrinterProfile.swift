/// What a printer can do, and how wide its paper is.
package struct PrinterProfile: Hashable, Sendable {
    /// The name used in the configuration.
    package let name: String
    /// Characters of the normal font in one line; a Chinese character takes two.
    package let columns: Int
    package let hasCutter: Bool
    /// Whether the printer answers status queries (DLE EOT).
    package let reportsStatus: Bool
    /// How fast the paper moves, at least: bounds how long a slip takes.
    package let millimetresPerSecond: Int

    package init(
        name: String,
        columns: Int,
        hasCutter: Bool,
        reportsStatus: Bool,
        millimetresPerSecond: Int,
    ) {
        self.name = name
        self.columns = columns
        self.hasCutter = hasCutter
        self.reportsStatus = reportsStatus
        self.millimetresPerSecond = millimetresPerSecond
    }

    /// The profiles of the product (device facts, 2.1). 42 columns are the 512-dot models and the
    /// 42-column mode.
    package static let all = [
        PrinterProfile(
            name: "epson-80",
            columns: 48,
            hasCutter: true,
            reportsStatus: true,
            millimetresPerSecond: 150
        ),
        PrinterProfile(
            name: "epson-80-42",
            columns: 42,
            hasCutter: true,
            reportsStatus: true,
            millimetresPerSecond: 150
        ),
        PrinterProfile(
            name: "generic-80",
            columns: 48,
            hasCutter: true,
            reportsStatus: true,
            millimetresPerSecond: 100
        ),
        PrinterProfile(
            name: "generic-58",
            columns: 32,
            hasCutter: false,
            reportsStatus: false,
            millimetresPerSecond: 50
        ),
    ]

    /// `nil` if no profile has that name.
    package init?(named name: String) {
        guard let profile = Self.all.first(where: { $0.name == name }) else { return nil }
        self = profile
    }

    /// How long the mechanism needs for so many lines of 4 mm.
    func mechanicalTime(ofLines lines: Int) -> Duration {
        .milliseconds(lines * 4 * 1000 / max(1, millimetresPerSecond))
    }
}
