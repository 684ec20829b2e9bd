import CLinux
import HTTPFraming

/// The memory in which a loop puts one answer together before it is sent in one call.
final class AnswerBuffer {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 16 * 1024) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        base.deallocate()
    }

    /// Empties the buffer and makes room; appending beyond it is a programmer's error.
    func begin(room: Int) {
        count = 0
        guard room > capacity else { return }
        base.deallocate()
        base = .allocate(capacity: room)
        capacity = room
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    func append(_ text: StaticString) {
        text.withUTF8Buffer { append($0) }
    }

    /// Appends the decimal digits of a count.
    func append(decimal number: Int) {
        var digits: InlineArray<20, UInt8> = InlineArray(repeating: 0)
        var index = digits.count
        var rest = number
        repeat {
            index -= 1
            digits[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        append(digits.span.extracting(index..<digits.count))
    }

    func send(to connection: Connection) -> Socket.Transfer {
        connection.send(base, count)
    }

    /// A copy of what was not sent.
    func rest(from index: Int) -> [UInt8] {
        precondition(index <= count, "No more is sent than there is.")
        return Array(UnsafeBufferPointer(start: base + index, count: count - index))
    }

    @inline(__always)
    private func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= capacity - count, "Room is made before an answer is put together.")
        guard let start = bytes.baseAddress else { return }
        memcpy(base + count, start, bytes.count)
        count += bytes.count
    }
}

/// The `Date` field of answers, made anew once a second.
struct DateLine {
    private var bytes = DateField.line(secondsSince1970: 0)
    private var validUntil: UInt64 = 0

    /// The line for this moment of the monotonic clock.
    mutating func line(now: UInt64) -> [UInt8] {
        if now >= validUntil {
            DateField.write(secondsSince1970: MonotonicClock.secondsSince1970(), into: &bytes)
            validUntil = now + 1_000_000_000
        }
        return bytes
    }
}
