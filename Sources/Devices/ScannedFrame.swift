/// One presentation as the scanner sent it. Its text can be a payment code, so it prints masked
/// (rule G1).
package struct ScannedFrame: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible,
    CustomReflectable
{
    /// The content, freed of terminators and of the symbology's identifier. A secret: only
    /// recognition asks for it.
    package let text: String
    /// When the `read` that brought the first byte had returned, in nanoseconds on the boot clock.
    package let firstByte: Int64
    /// When the `read` that brought the frame's last byte had returned, its terminator's where it has one, in nanoseconds on
    /// the boot clock.
    package let lastByte: Int64

    package init(text: String, firstByte: Int64, lastByte: Int64) {
        self.text = text
        self.firstByte = firstByte
        self.lastByte = lastByte
    }

    /// First two and last four characters, as rule G1 allows; nothing of a short text.
    package var masked: String {
        text.count >= 12 ? text.prefix(2) + "…" + text.suffix(4) : "…"
    }

    package var description: String { "frame \(masked)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["masked": masked]) }
}
