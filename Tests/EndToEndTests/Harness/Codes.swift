import Sandbox

/// Payment codes as phones show them, never the same twice.
enum Codes {
    /// 18 digits beginning 13, whose last three choose the stand-in's case.
    static func make(_ play: SandboxCase = .paid) -> String {
        "13" + digits(13) + play.digits
    }

    static func digits(_ count: Int) -> String {
        String((0..<count).map { _ in "0123456789".randomElement() ?? "0" })
    }
}
