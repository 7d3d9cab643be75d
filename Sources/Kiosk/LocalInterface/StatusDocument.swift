import Payments
import StrictJSON

extension KioskStatus {
    /// - Parameter lastEventID: read before the status, so that `/v1/events?after=` from here misses nothing.
    func document(lastEventID: Int64, _ interface: InterfaceStatus) -> [UInt8] {
        JSONWriter.object { status in
            status.boolean("ready", isReady)
            status.array("reasons") { for reason in reasons { $0.string(reason.rawValue) } }
            status.string("activeSale", activeSale?.text)
            status.string("unreportedSale", unreportedSale?.text)
            status.integer("lastEventID", lastEventID)
            status.array("devices") { array in
                for device in devices {
                    array.object { one in
                        one.string("name", device.name)
                        one.string("state", device.condition.word)
                        one.string("detail", device.detail)
                    }
                }
            }
            status.object("network") { one in
                one.boolean("reachable", isNetworkReachable)
                one.string("reason", networkTrouble)
            }
            status.object("queue") { one in
                one.integer("count", queue.count)
                one.integer("sum", queue.sum)
                one.string("currency", currency.code)
                one.integer("oldestAgeSeconds", queue.oldestAgeSeconds)
                one.integer("parked", queue.parked)
                one.string("state", queue.activity.word)
                one.string("pausedBy", queue.activity.fault?.text)
                one.array("flagged") { for order in queue.flagged { $0.string(order.text) } }
            }
            status.object("risk") { one in
                one.integer("count", risk.count)
                one.integer("sum", risk.sum)
                one.boolean("warning", risk.isWarning)
            }
            status.object("journal") { journal.write(to: &$0) }
            status.object("clock") { one in
                one.boolean("synchronised", clock.isSynchronised)
                one.integer("unixMilliseconds", clock.milliseconds)
                one.string("time", clock.rfc3339)
            }
            status.object("configuration") { one in
                one.integer("generation", configurationGeneration)
                one.string("fault", configurationFault)
            }
            status.object("interface") { one in
                one.string("socket", interface.socketPath)
                one.integer("port", interface.port.map(Int64.init))
                one.string("detail", interface.trouble)
                one.integer("eventReaders", interface.eventReaders)
            }
            status.string("version", version)
        }
    }
}

extension DeviceCondition {
    /// The stable word in status.
    fileprivate var word: String {
        switch self {
        case .working: "working"
        case .needsAttention: "needs-attention"
        case .failed: "failed"
        }
    }
}
