/// Orders by the time of their next step, the earliest first; of two at the same time the one with the lower number, so
/// that the order of steps never depends on hashing. A change costs the logarithm of how many there are.
struct DueHeap {
    private struct Item {
        let due: BootTime
        let order: OrderNumber

        func precedes(_ other: Self) -> Bool {
            (due, order) < (other.due, other.order)
        }
    }

    private var items: [Item] = []
    private var places: [OrderNumber: Int] = [:]

    var first: (order: OrderNumber, due: BootTime)? {
        items.first.map { ($0.order, $0.due) }
    }

    /// Puts the order in, moves it, or takes it out where there is no time.
    mutating func set(_ order: OrderNumber, to due: BootTime?) {
        guard let due else { return remove(order) }
        let item = Item(due: due, order: order)
        guard let place = places[order] else {
            items.append(item)
            places[order] = items.count - 1
            return rise(from: items.count - 1)
        }
        guard items[place].due != due else { return }
        let isEarlier = item.precedes(items[place])
        items[place] = item
        if isEarlier { rise(from: place) } else { sink(from: place) }
    }

    private mutating func remove(_ order: OrderNumber) {
        guard let place = places.removeValue(forKey: order), let last = items.popLast() else {
            return
        }
        guard place < items.count else { return }
        items[place] = last
        places[last.order] = place
        rise(from: place)
        sink(from: places[last.order] ?? place)
    }

    private mutating func rise(from start: Int) {
        var place = start
        while place > 0, items[place].precedes(items[(place - 1) / 2]) {
            exchange(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(from start: Int) {
        var place = start
        while let child = leastChild(of: place), items[child].precedes(items[place]) {
            exchange(place, child)
            place = child
        }
    }

    private func leastChild(of place: Int) -> Int? {
        let (left, right) = (2 * place + 1, 2 * place + 2)
        guard right < items.count else { return left < items.count ? left : nil }
        return items[right].precedes(items[left]) ? right : left
    }

    private mutating func exchange(_ one: Int, _ other: Int) {
        items.swapAt(one, other)
        places[items[one].order] = one
        places[items[other].order] = other
    }
}
