import StrictJSON

extension JSONWriter {
    /// The sentence by language, keyed as `kiosk.language` is, or null.
    mutating func message(_ key: String, _ message: PayerMessage?) {
        guard let message else { return null(key) }
        object(key) { texts in
            texts.string("zh-Hans", message.chinese)
            texts.string("en", message.english)
        }
    }
}
