/// A buffer that is written front to back, and reused.
struct ByteBuffer: ~Copyable {
    // Limit: far more than an ordinary event takes; the memory of a larger one is not kept.
    private static let keptBytesMax = 256 * 1024

    private var storage: [UInt8]
    private(set) var count = 0

    init(capacity: Int) { storage = [UInt8](repeating: 0, count: capacity) }

    /// What has been written.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(0..<count) }
    }

    subscript(place: Int) -> UInt8 { storage[place] }

    /// Empties the buffer.
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
    mutating func append(_ text: [UInt8]) { append(text.span) }

    @inline(__always)
    mutating func append(_ text: Span<UInt8>) {
        let end = count &+ text.count
        if end > storage.count { grow(by: text.count) }
        let start = count
        var all = storage.mutableSpan
        // Within a window of the same length, the compiler sees that no index is out of bounds, and copies in blocks.
        var window = all._mutatingExtracting(start..<end)
        for index in text.indices { window[index] = text[index] }
        count = end
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(more, storage.count)))
    }
}

// JSON strings.
extension ByteBuffer {
    /// Appends UTF-8 as a JSON string, with the fewest escapes that JSON allows.
    mutating func append(string text: [UInt8]) {
        append(UInt8(ascii: "\""))
        if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            append(text)
        } else {
            for byte in text { appendEscaped(byte) }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { return append(byte) }
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x20...: append(byte)
        default:
            append(UInt8(ascii: "u"))
            append(UInt8(ascii: "0"))
            append(UInt8(ascii: "0"))
            append(UInt8(ascii: "0") &+ byte &>> 4)
            append(PercentEncoding.digit(byte & 15, ten: UInt8(ascii: "a")))
        }
    }
}
