/// A setting of API v2 that cannot be right, found before anything is sent.
package struct V2SettingError: Error, Hashable, CustomStringConvertible {
    /// The configuration key, such as `wechat.merchantID`.
    package let key: String
    /// One sentence: what is wrong and what to do. Never holds a secret (rule G1).
    package let description: String

    init(_ key: String, _ sentence: String) {
        self.key = key
        description = "\(key) \(sentence)"
    }
}
