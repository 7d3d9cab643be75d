/// What is fuzzed. The word names the target to `tools/fuzz` and its folder under `Tests/Corpus`.
enum FuzzTarget: String, CaseIterable {
    case scanner
    case printer
    case v2Reply = "v2-reply"
    case configuration
    case localBody = "local-body"

    /// What is wrong with how the product takes this input, in one sentence; `nil` if nothing is.
    func finding(in input: [UInt8]) -> String? {
        do throws(Finding) {
            switch self {
            case .scanner: try ScannerCheck(input).run()
            case .printer: try PrinterCheck(input).run()
            case .v2Reply: try V2ReplyCheck(input).run()
            case .configuration: try ConfigurationCheck(input).run()
            case .localBody: try LocalBodyCheck(input).run()
            }
            return nil
        } catch {
            return error.sentence
        }
    }
}

/// A property that does not hold.
struct Finding: Error {
    let sentence: String

    /// Throws `sentence` unless `holds`.
    static func unless(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(Finding) {
        if !holds { throw Finding(sentence: sentence()) }
    }
}
