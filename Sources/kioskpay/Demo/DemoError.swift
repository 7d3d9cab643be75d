/// Why the demo cannot go on: one sentence. No real money is ever concerned.
struct DemoError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
