import Payments

/// What is going to happen in the world, earliest first; what is due at the same instant in the order it was planned.
struct Calendar {
    struct Entry {
        let due: Int64
        let serial: Int
        let happening: Happening
    }

    /// What the heap moves about: small, and nothing in it is counted.
    private struct Place {
        let due: Int64
        let serial: Int
        let slot: Int

        func isEarlier(than other: Self) -> Bool {
            due != other.due ? due < other.due : serial < other.serial
        }
    }

    private var heap: [Place] = []
    private var slots: [Happening?] = []
    private var free: [Int] = []
    private var nextSerial = 0

    mutating func add(_ happening: Happening, at due: Int64) {
        let slot: Int
        if let known = free.popLast() {
            slot = known
            slots[slot] = happening
        } else {
            slot = slots.count
            slots.append(happening)
        }
        heap.append(Place(due: due, serial: nextSerial, slot: slot))
        nextSerial += 1
        rise(heap.count - 1)
    }

    mutating func removeFirst() -> Entry? {
        guard let first = heap.first, let happening = slots[first.slot] else { return nil }
        slots[first.slot] = nil
        free.append(first.slot)
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return Entry(due: first.due, serial: first.serial, happening: happening)
    }

    private mutating func rise(_ from: Int) {
        var child = from
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isEarlier(than: heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var earliest = parent
            for child in 2 * parent + 1..<2 * parent + 3 where child < heap.count {
                if heap[child].isEarlier(than: heap[earliest]) { earliest = child }
            }
            guard earliest != parent else { return }
            heap.swapAt(parent, earliest)
            parent = earliest
        }
    }
}

/// One thing that will happen. `run` names the process that it is for: it comes to nothing when that has ended.
enum Happening {
    case reaches(TillEvent, run: Int)
    case devicesNoticed(run: Int)
    case timer(TimerID, run: Int)
    case diskWrites(run: Int)
    case diskAnswers(RecordID, isStored: Bool, run: Int)

    /// The first byte of a submit leaves.
    case begins(exchange: Int)
    /// A request is at the platform's door.
    case arrives(exchange: Int)
    /// The platform gets round to it.
    case processes(exchange: Int)
    /// The platform says how a submit stands.
    case concludes(exchange: Int)
    case replies(exchange: Int)
    case givesUp(exchange: Int, reason: String)
    case acts(OrderNumber, PlatformOrder.Act)

    case visit(Int)
    case step(VisitStep, visit: Int)
    case befalls(Incident, length: Int64)
    case ends(Incident)
    case networkNoticed(run: Int)
    case powerReturns
    case killedIfRunning(run: Int)
    case technicianLooks
    case backsUp
    case adopts
    case isRestarted
    case recovers
    case settlingEnds
}

/// A state of things that lasts.
enum Incident {
    case outage
    case captivePortal
    case certificate
    case identity
    case diskFull
    case littleRoom
    case diskHangs
    case diskBroken
    case scanner
    case printer
    case maintenance
    case clockUnset(boot: Int)
}
