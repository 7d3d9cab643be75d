import HTTPTypes
import StrictJSON

/// Calls that are refused for their form or their sender, before the kiosk is asked.
extension ProblemDocument {
    static func invalid(_ detail: String) -> Self {
        Self(
            status: .badRequest,
            word: "invalid-request",
            title: "The call is not well formed",
            detail: detail + " Nothing was changed.",
        )
    }

    static func invalid(_ error: JSONError) -> Self {
        var problem = invalid("The body is refused: \(error.description).")
        if !error.path.isEmpty { problem.members = [("path", .string(error.path))] }
        return problem
    }

    static var notJSON: Self {
        Self(
            status: .unsupportedMediaType,
            word: "not-json",
            title: "The body is not declared as JSON",
            detail: "Send the header Content-Type: application/json. Nothing was changed.",
        )
    }

    static func tooLarge(maximumBytes: Int) -> Self {
        Self(
            status: .contentTooLarge,
            word: "too-large",
            title: "The body is too large",
            detail: "At most \(maximumBytes) bytes are taken. Nothing was changed.",
            headers: [(.connection, "close")],
        )
    }

    static var noSuchPath: Self {
        Self(
            status: .notFound,
            word: "no-such-path",
            title: "There is nothing at this path",
            detail: "Look the path up in LocalInterface.md of Kioskpay's documentation.",
        )
    }

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Self {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        return Self(
            status: .methodNotAllowed,
            word: "method-not-allowed",
            title: "The method is not allowed here",
            detail: "This path takes \(list). Nothing was changed.",
            headers: [(.allow, list)],
        )
    }

    static var wrongHost: Self {
        Self(
            status: .misdirectedRequest,
            word: "wrong-host",
            title: "The Host header does not name this listener",
            detail: "Call 127.0.0.1, localhost or [::1] with the listener's port. "
                + "Nothing was changed.",
        )
    }

    static var foreignOrigin: Self {
        Self(
            status: .forbidden,
            word: "foreign-origin",
            title: "Pages of other origins may not call",
            detail: "Only pages served by this kiosk may call it from a browser. "
                + "Nothing was changed.",
        )
    }

    static var tokenRequired: Self {
        Self(
            status: .unauthorized,
            word: "token-required",
            title: "The token is missing or wrong",
            detail: "Send Authorization: Bearer with the content of api.tokenFile, or use the "
                + "Unix socket. Nothing was changed.",
            headers: [(.wwwAuthenticate, "Bearer realm=\"kioskpay\"")],
        )
    }

    static var socketOnly: Self {
        Self(
            status: .forbidden,
            word: "socket-only",
            title: "This call is not served over TCP",
            detail: "Use the Unix socket, or configure api.tokenFile. Nothing was changed.",
        )
    }

    static func tooManyClients(maximum: Int) -> Self {
        Self(
            status: .serviceUnavailable,
            word: "too-many-clients",
            title: "Too many clients",
            detail: "At most \(maximum) may be connected; close some, then call again. "
                + "Nothing was changed.",
            headers: [(.connection, "close")],
        )
    }

    static var tooSlow: Self {
        Self(
            status: .requestTimeout,
            word: "too-slow",
            title: "The request did not arrive in time",
            detail: "Send the whole request at once. Nothing was changed.",
            headers: [(.connection, "close")],
        )
    }

    static var internalError: Self {
        Self(
            status: .internalServerError,
            word: "internal",
            title: "The call failed inside the kiosk",
            detail: "It is not known whether the call took effect; look at the sale, then repeat.",
        )
    }
}
