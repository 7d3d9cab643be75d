/// One parsed value. Objects keep their members in the order of the text, each key once.
enum JSONValue {
    case object([(key: String, value: JSONValue)])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    /// A number written with decimals or an exponent, such as `1.0` or `1e2`.
    case real(Double)
    case boolean(Bool)
    case null

    /// The value's type in words, for errors that must not show the value (rule G1).
    var typeName: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .integer: "a whole number"
        case .real: "a number with decimals or an exponent"
        case .boolean: "true or false"
        case .null: "null"
        }
    }
}
