/// Something the tests themselves need did not work, or did not happen in time.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
