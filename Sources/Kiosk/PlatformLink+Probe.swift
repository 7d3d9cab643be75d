internal import Payments

/// Whether keys, names and client certificate are right (rule B7).
extension PlatformLink {
    /// Drops in a row, on connections of their own, that mean the certificate.
    private static let dropsThatRefuse = 2

    /// A signed query of a number that was never used must verify with ORDERNOTEXIST, and a reverse of it must pass the
    /// client certificate.
    ///
    /// Some of the platform's fronts answer a certificate that they do not like by dropping the connection (wire facts,
    /// 1.3), which a bad network does as well. It is the certificate if it happens twice in a row and every query before,
    /// between and after gets its answer; whatever else can be the network is ``ProbeResult/unreachable``.
    func probe(_ order: OrderNumber, answer: @escaping @Sendable (ProbeResult) -> Void) {
        probe(order, drops: 0, answer: answer)
    }

    private func probe(
        _ order: OrderNumber,
        drops: Int,
        answer: @escaping @Sendable (ProbeResult) -> Void,
    ) {
        query(order, nil) { [self] verdict in
            switch verdict {
            case .orderNotExist:
                if drops < Self.dropsThatRefuse {
                    probeReverse(order, drops: drops, answer: answer)
                } else {
                    answer(.fault(.certificateRefused))
                }
            case .configuration, .unknown:
                if let fault = verdict.suspicion {
                    answer(.fault(fault))
                } else if case .unknown(let cause) = verdict, cause.doesNotVerify {
                    answer(.fault(.repliesDoNotVerify))
                } else {
                    answer(.unreachable)
                }
            case .paid, .notPaid:
                // A number that was never used cannot have a state: whoever says so is not our platform.
                answer(.fault(.repliesDoNotVerify))
            }
        }
    }

    private func probeReverse(
        _ order: OrderNumber,
        drops: Int,
        answer: @escaping @Sendable (ProbeResult) -> Void,
    ) {
        reverse(order) { [self] verdict, noReply in
            if noReply?.isDropped == true {
                // A connection that ended is not used again: the next reverse has a fresh one.
                return probe(order, drops: drops + 1, answer: answer)
            }
            switch verdict {
            case .accepted, .again, .refused, .unknown(.platform), .unknown(.unlisted):
                // Whatever it says, it verifies: the certificate was let through.
                answer(.good)
            case .configuration(let fault):
                answer(.fault(fault))
            case .unknown(let cause):
                answer(cause.doesNotVerify ? .fault(.repliesDoNotVerify) : .unreachable)
            }
        }
    }
}
