package import Payments

/// What `kioskpay journal recover` found and did (rule A6).
package struct RecoveryReport: Hashable, Sendable {
    /// An order whose row is lost, and what becomes of it.
    package struct LostOrder: Hashable, Sendable {
        package enum Course: String, Hashable, Sendable {
            /// The platform is asked; paid goes to a person, unpaid is revoked.
            case queued
            /// Its amount is lost, so no reply can prove anything of it (rule B1).
            case forPerson = "for-a-person"
            /// Other rows say how it ended.
            case ended
        }

        package let order: OrderNumber
        package let sale: SaleID
        /// `nil` where it is lost.
        package let amount: Money?
        package let course: Course
    }

    /// Where the damaged journals lie; nothing of them is deleted.
    package internal(set) var folders: [String] = []
    /// Rows found sound and stored again, by table.
    package internal(set) var rows: [String: Int] = [:]
    package internal(set) var lostOrders: [LostOrder] = []
    /// Sales that were made up again around their attempts.
    package internal(set) var lostSales = 0
    /// Event ids that are missing among those found.
    package internal(set) var missingEvents: Int64 = 0
    /// Attempts that are not at their end, and their sums by currency.
    package internal(set) var openOrders = 0
    package internal(set) var openSums: [String: Int64] = [:]
    /// Whether the journal is, beyond the damage, a copy that a person must adopt (rule A5); half a sentence.
    package internal(set) var adoptionReason: String?
}

extension RecoveryReport {
    /// For a person, line by line.
    package var lines: [String] {
        var lines = folders.map { "The damaged journal is kept in \($0)." }
        let counts = rows.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        lines.append(
            "Rows found sound: " + (counts.isEmpty ? "none" : counts.joined(separator: ", ")) + "."
        )
        if lostSales > 0 { lines.append("Sales whose rows are lost, made up again: \(lostSales).") }
        if missingEvents > 0 {
            lines.append("Events that are lost: \(missingEvents); applications cannot replay them.")
        }
        for lost in lostOrders {
            let amount =
                lost.amount.map { "\($0.minorUnits) \($0.currency.code)" }
                ?? "an amount that is lost"
            switch lost.course {
            case .queued:
                lines.append(
                    "Order \(lost.order) over \(amount): its row is lost; the platform is asked."
                )
            case .forPerson:
                lines.append(
                    "Order \(lost.order) over \(amount): look it up in the merchant's console and "
                        + "settle it."
                )
            case .ended:
                lines.append("Order \(lost.order) over \(amount): its row is lost; it had ended.")
            }
        }
        let sums = openSums.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        lines.append(
            openOrders == 0
                ? "No order is open: no money is concerned."
                : "Open orders: \(openOrders), together \(sums.joined(separator: " and ")) in the "
                    + "smallest unit. Each is asked for first; what is paid goes to a person, what is "
                    + "not is revoked."
        )
        if let adoptionReason {
            lines.append(
                "Sales stay off after the next start: \(adoptionReason); then run `kioskpay journal adopt`."
            )
        } else {
            lines.append(
                "Sales are on again after the next start of kioskpayd"
                    + (openOrders == 0
                        ? "."
                        : "; where the open orders reach its risk limits, when enough of them are settled.")
            )
        }
        return lines
    }
}
