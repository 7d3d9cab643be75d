/// Who the stand-in's only merchant is.
package struct SandboxIdentity: Hashable, Sendable {
    /// `appid`.
    package let appID: String
    /// `mch_id`.
    package let merchantID: String

    package init(appID: String, merchantID: String) {
        self.appID = appID
        self.merchantID = merchantID
    }
}
