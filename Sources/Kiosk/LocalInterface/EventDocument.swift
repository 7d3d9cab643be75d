import Payments
import StrictJSON

/// Pieces of the event stream, as bytes of `text/event-stream`. JSON from ``JSONWriter`` has no line ends, so each is
/// one `data:` line.
enum EventDocument {
    /// Reconnect after a second; resume from here even if nothing happens before the connection is lost.
    static func opening(lastEventID: Int64) -> [UInt8] {
        Array("retry: 1000\nid: \(lastEventID)\n\n".utf8)
    }

    static let ping = Array(": ping\n\n".utf8)

    /// The log does not reach as far as the reader says it has read: it was replaced. Read the sales anew.
    static func reset(lastEventID: Int64) -> [UInt8] {
        piece(id: lastEventID, name: "reset", JSONWriter.object { $0.integer("id", lastEventID) })
    }

    static func event(_ row: EventRow) -> [UInt8] {
        let data = JSONWriter.object { event in
            event.integer("id", row.id)
            event.string("kind", row.kind.rawValue)
            event.string("at", row.at.wall.rfc3339)
            event.boolean("clockSynchronised", row.at.wall.isSynchronised)
            event.string("sale", row.sale?.text)
            event.string("order", row.order?.text)
            event.string("state", row.state?.rawValue)
            event.integer("amount", row.amount?.minorUnits)
            event.string("currency", row.amount?.currency.code)
            event.string("truth", row.truth)
            event.string("reason", row.reason)
            event.message("message", PayerMessage(event: row))
        }
        return piece(id: row.id, name: row.kind.rawValue, data)
    }

    /// A notice has no id: it is not replayed.
    static func notice(_ notice: Notice) -> [UInt8] {
        let data = JSONWriter.object { object in
            object.string("notice", notice.word)
            object.message("message", PayerMessage(notice: notice))
        }
        return piece(id: nil, name: "notice", data)
    }

    private static func piece(id: Int64?, name: String, _ data: [UInt8]) -> [UInt8] {
        let head = (id.map { "id: \($0)\n" } ?? "") + "event: \(name)\ndata: "
        return Array(head.utf8) + data + Array("\n\n".utf8)
    }
}
