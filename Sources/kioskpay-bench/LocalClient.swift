/// The application beside the kiosk: asks for sales on the Unix socket, one connection per call.
struct LocalClient {
    let socket: String

    enum Opening {
        case sale(String)
        /// 503 or 409: not now.
        case notNow(String)
    }

    func openSale(amount: Int) throws -> Opening {
        let body = #"{"amount":\#(amount),"currency":"CNY","description":"Locker, 24 h"}"#
        let request = """
            POST /v1/sales HTTP/1.1\r\nHost: kiosk\r\nContent-Type: application/json\r\n\
            Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)
            """
        let reply = try call(request)
        switch reply.split(separator: " ").dropFirst().first {
        case "201":
            guard let label = reply.ranges(of: #""id":""#).first else {
                throw BenchError("The daemon's answer names no sale.")
            }
            return .sale(String(reply[label.upperBound...].prefix { $0 != "\"" }))
        case "503", "409":
            return .notNow(reply)
        default:
            throw BenchError("The daemon refuses a sale: \(reply)")
        }
    }

    private func call(_ request: String) throws -> String {
        let connection = try UnixSocket.connect(to: socket)
        try connection.write(Array(request.utf8))
        return String(decoding: try connection.readToEnd(), as: UTF8.self)
    }
}
