/// For each key of one partition, when the newest event that was seen had occurred.
struct NewestTimes {
    /// Limit: keys that are remembered; the one that was seen first is forgotten first, and its next event is never
    /// late.
    let capacity: Int
    private var times: [KeyBytes: Int64] = [:]
    private var order = Fifo<KeyBytes>()

    init(capacity: Int) { self.capacity = capacity }

    /// Notes an event. Whether it is late: a newer one of its key was seen before.
    mutating func observe(_ key: KeyBytes, _ milliseconds: Int64) -> Bool {
        guard capacity > 0 else { return false }
        guard let place = times.index(forKey: key) else {
            times[key] = milliseconds
            order.append(key)
            if order.count > capacity, let oldest = order.removeFirst() { times[oldest] = nil }
            return false
        }
        let newest = times.values[place]
        if milliseconds > newest { times.values[place] = milliseconds }
        return milliseconds < newest
    }
}
