import CJansson

/// Turns bytes into a ``JSONValue`` with jansson, and jansson's errors into ours.
enum JSONParser {
    static func parse(_ bytes: [UInt8], maximumBytes: Int) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumBytes else {
            throw JSONError(
                kind: .tooLarge,
                path: "",
                line: nil,
                reason: "is larger than \(maximumBytes) bytes; shorten it",
            )
        }
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw JSONError(
                kind: .syntax,
                path: "",
                line: 1,
                reason: "begins with a byte order mark; save the text as plain UTF-8",
            )
        }
        // No JSON holds one, and jansson 2.14 passes over one that comes right after a number or a word.
        if let place = bytes.firstIndex(of: 0) {
            let path = JSONScanner.path(at: place, in: bytes)
            let line = 1 + bytes[..<place].count { $0 == UInt8(ascii: "\n") }
            throw JSONError(kind: .syntax, path: path, line: line, reason: nul)
        }
        // Before jansson sees it, so that a small stack is enough for its recursion and for ours.
        let deepest = JSONReader.maximumDepth
        if let place = JSONScanner.firstPlace(deeperThan: deepest, in: bytes) {
            throw JSONError(
                kind: .tooDeep,
                path: place.path,
                line: place.line,
                reason: "is nested more than \(deepest) levels deep; make it flatter",
            )
        }
        var error = json_error_t()
        // jansson reads exactly `count` bytes while the buffer is borrowed and keeps no pointer to it.
        let root = unsafe bytes.withUnsafeBytes { buffer in
            unsafe json_loadb(
                buffer.baseAddress,
                buffer.count,
                Int(JSON_REJECT_DUPLICATES),
                &error,
            )
        }
        guard let root = unsafe root else { throw refusal(of: bytes, error) }
        // We hold the only reference; everything is copied out before it is given back.
        defer { unsafe kioskpay_json_release(root) }
        return try unsafe convert(root, path: "", bytes)
    }

    /// Copies a value out. The pointer is valid: it belongs to the tree that `parse` holds. At most
    /// ``JSONReader/maximumDepth`` calls deep.
    private static func convert(
        _ value: UnsafeMutablePointer<json_t>,
        path: String,
        _ bytes: [UInt8],
    ) throws(JSONError) -> JSONValue {
        switch unsafe kioskpay_json_type(value) {
        case JSON_OBJECT: return .object(try unsafe members(of: value, path: path, bytes))
        case JSON_ARRAY:
            var elements: [JSONValue] = []
            for index in 0..<(unsafe json_array_size(value)) {
                // In bounds by the loop, so never null.
                guard let element = unsafe json_array_get(value, index) else { continue }
                elements.append(try unsafe convert(element, path: "\(path)[\(index)]", bytes))
            }
            return .array(elements)
        case JSON_STRING:
            // jansson has checked the UTF-8; pointer and length are those of the living string.
            let text = unsafe UnsafeBufferPointer(
                start: json_string_value(value),
                count: json_string_length(value),
            )
            return .string(unsafe String(decoding: UnsafeRawBufferPointer(text), as: UTF8.self))
        case JSON_INTEGER: return .integer(unsafe json_integer_value(value))
        case JSON_REAL: return .real(unsafe json_real_value(value))
        case JSON_TRUE: return .boolean(true)
        case JSON_FALSE: return .boolean(false)
        default: return .null
        }
    }

    private static func members(
        of object: UnsafeMutablePointer<json_t>,
        path: String,
        _ bytes: [UInt8],
    ) throws(JSONError) -> [(key: String, value: JSONValue)] {
        var members: [(key: String, value: JSONValue)] = []
        var keys: Set<String> = []
        var iterator = unsafe json_object_iter(object)
        while let current = unsafe iterator {
            // Iterator, key and value are valid while the object is not changed, and nobody changes it.
            guard let name = unsafe json_object_iter_key(current),
                let value = unsafe json_object_iter_value(current)
            else { break }
            let key = unsafe String(cString: name)
            let shown = JSONScanner.printable(key)
            let place = path.isEmpty ? shown : path + "." + shown
            // jansson compares bytes. Two spellings of one character are the same key to everybody else.
            guard keys.insert(key).inserted else {
                throw JSONError(
                    kind: .duplicateKey,
                    path: place,
                    line: nil,
                    reason: duplicate,
                )
            }
            members.append((key, try unsafe convert(value, path: place, bytes)))
            unsafe iterator = json_object_iter_next(object, current)
        }
        return members
    }

    private static let nul = "holds a NUL character; remove it"
    private static let duplicate = "stands more than once; keep one of them"

    /// Says in our words what jansson found, because its own text quotes the input (rule G1).
    private static func refusal(of bytes: [UInt8], _ error: json_error_t) -> JSONError {
        var error = error
        // The pointer lives for the call alone.
        let code = json_error_code(rawValue: UInt32(unsafe kioskpay_json_error(&error)))
        let offset = max(0, min(Int(error.position), bytes.count))
        let line = max(1, Int(error.line))
        let (kind, reason): (JSONError.Kind, String) =
            switch code {
            case json_error_duplicate_key: (.duplicateKey, duplicate)
            case json_error_invalid_utf8:
                (.syntax, "is not valid UTF-8; save the text as plain UTF-8")
            case json_error_numeric_overflow:
                (.invalid, "holds a number that is too large; correct it")
            case json_error_null_character, json_error_null_byte_in_key:
                (.syntax, nul)
            case json_error_premature_end_of_input:
                (.syntax, "ends too early; close the bracket, brace or quote that is open")
            case json_error_end_of_input_expected:
                (.syntax, "has more text after the closing brace; remove it")
            default:
                (
                    .syntax,
                    "is not valid JSON here or just before; correct the quotes, commas and brackets there"
                )
            }
        let path = JSONScanner.path(at: offset, in: bytes)
        return JSONError(kind: kind, path: path, line: line, reason: reason)
    }
}
