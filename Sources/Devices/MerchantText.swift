/// What slips say of the merchant, and how they say it.
package struct MerchantText: Hashable, Sendable {
    /// The raw values are the configuration's (`kiosk.language`).
    package enum Language: String, Hashable, Sendable, CaseIterable {
        /// Chinese, with the main fact also in English.
        case chinese = "zh-Hans"
        case english = "en"
    }

    package let name: String
    package let site: String
    /// Whom to call; may be empty, then slips say "staff".
    package let contact: String
    package let language: Language
    /// Minutes east of UTC in which times are printed; 480 for `+08:00`.
    package let utcOffsetMinutes: Int

    package init(
        name: String,
        site: String,
        contact: String,
        language: Language,
        utcOffsetMinutes: Int = 480,
    ) {
        self.name = name
        self.site = site
        self.contact = contact
        self.language = language
        self.utcOffsetMinutes = utcOffsetMinutes
    }
}
