import CLinux
import HTTPFraming

/// What the answer to a request depends on.
struct ServedRequest {
    var keepsAlive = false
    var isHTTP10 = false
    var isHEAD = false
    var closesAfterAnswer = false
}

/// Puts one answer together in the loop's own memory, to be sent in one call.
final class AnswerBuffer {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0
    // Safety: one thread uses the buffer, and nothing is called while the line is made.
    @exclusivity(unchecked) private var date = DateLine()

    init(capacity: Int = 16 * 1024) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    func compose(_ head: ResponseHead, body: Span<UInt8>, for request: ServedRequest, now: UInt64) {
        begin(room: head.bytes.count + body.count + 160)
        append(head.bytes)
        append(date.line(now: now))
        if !head.hasNoBody {
            append("Content-Length: ")
            append(decimal: body.count)
            append("\r\n")
        }
        if request.closesAfterAnswer {
            append("Connection: close\r\n")
        } else if request.isHTTP10 {
            append("Connection: keep-alive\r\n")
        }
        append("\r\n")
        if !request.isHEAD, !head.hasNoBody { append(body) }
    }

    func composeContinue() {
        begin(room: 32)
        append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// The head of an answer whose length is not known.
    func streamHead(_ head: ResponseHead, for request: ServedRequest, now: UInt64) -> [UInt8] {
        var bytes = head.bytes + date.line(now: now)
        if !request.isHTTP10 { bytes += "Transfer-Encoding: chunked\r\n".utf8 }
        if request.closesAfterAnswer { bytes += "Connection: close\r\n".utf8 }
        return bytes + Array("\r\n".utf8)
    }

    /// Empties the buffer and makes room; appending beyond it is a programmer's error.
    private func begin(room: Int) {
        count = 0
        guard room > capacity else { return }
        base.deallocate()
        base = .allocate(capacity: room)
        capacity = room
    }

    private func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    private func append(_ bytes: Span<UInt8>) { bytes.withUnsafeBufferPointer { append($0) } }

    private func append(_ text: StaticString) { text.withUTF8Buffer { append($0) } }

    private func append(decimal number: Int) {
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

    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawPointer, Int) -> Result) -> Result { body(base, count) }

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
private struct DateLine {
    private var bytes = DateField.line(secondsSince1970: 0)
    private var validUntil: UInt64 = 0

    mutating func line(now: UInt64) -> [UInt8] {
        if now >= validUntil {
            DateField.write(secondsSince1970: MonotonicClock.secondsSince1970(), into: &bytes)
            validUntil = now + 1_000_000_000
        }
        return bytes
    }
}
