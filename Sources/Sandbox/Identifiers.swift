/// Numbers and names the platform makes up.
enum Identifiers {
    /// 28 digits in the form of the platform's own (`transaction_id`).
    static func transactionID(at time: PlatformTime) -> String {
        "4200" + random(6, of: "0123456789") + time.beijing.prefix(8) + random(10, of: "0123456789")
    }

    /// 28 characters in the form of the platform's own (`openid`).
    static func openID() -> String { "o" + random(27, of: alphanumerics) }

    static func nonce() -> String { random(32, of: alphanumerics) }

    static func random(_ count: Int, of characters: String) -> String {
        String((0..<count).compactMap { _ in characters.randomElement() })
    }

    static let alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
}
