/// Bytes that are written front to back, again and again into the same memory.
struct ByteBuffer: ~Copyable {
    // Limit: far more than any usual event takes; one that outgrew it must not hold its memory for ever.
    private static let keptBytesMax = 256 * 1024

    private var storage: [UInt8]
    private(set) var count = 0

    init(capacity: Int) {
        storage = [UInt8](repeating: 0, count: capacity)
    }

    /// What has been written.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(0..<count) }
    }

    subscript(place: Int) -> UInt8 { storage[place] }

    /// Starts again.
    mutating func reset() {
        if storage.count > Self.keptBytesMax { storage = [UInt8](repeating: 0, count: Self.keptBytesMax / 4) }
        count = 0
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == storage.count { grow(by: 1) }
        storage[count] = byte
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ text: [UInt8]) {
        append(text.span)
    }

    @inline(__always)
    mutating func append(_ text: Span<UInt8>) {
        let end = count &+ text.count
        if end > storage.count { grow(by: text.count) }
        let start = count
        var all = storage.mutableSpan
        // Within a window of the same length, the compiler sees that no index can be wrong, and copies in blocks.
        var window = all._mutatingExtracting(start..<end)
        for index in text.indices { window[index] = text[index] }
        count = end
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(more, storage.count)))
    }
}
