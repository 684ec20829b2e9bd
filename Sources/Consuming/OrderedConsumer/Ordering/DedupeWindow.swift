/// The newest ids of one partition. Exact: a different id is never taken for a known one.
struct DedupeWindow {
    /// Limit: ids that are remembered; the oldest is forgotten first. 0 remembers none.
    let capacity: Int
    private var known: Set<KeyBytes> = []
    private var order = Fifo<KeyBytes>()

    init(capacity: Int) { self.capacity = capacity }

    /// Remembers an id. False if it was known: the record is a duplicate.
    mutating func insert(_ id: KeyBytes) -> Bool {
        guard capacity > 0 else { return true }
        guard known.insert(id).inserted else { return false }
        order.append(id)
        if order.count > capacity, let oldest = order.removeFirst() { known.remove(oldest) }
        return true
    }
}
