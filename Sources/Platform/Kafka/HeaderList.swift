import CRdKafka
import Glibc

/// The headers of a record that was read, in the list that librdkafka made of them: most readers ask for few of them,
/// and a name and an array for each would cost more than everything else about the record. A producer takes the list as
/// it is when the record is sent on.
///
/// Safety: who changes a list or gives it away holds the only reference to it, as ``Record`` makes sure; to read it
/// changes nothing in it.
final class HeaderList: @unchecked Sendable {
    private var pointer: OpaquePointer?

    /// Takes over what somebody made.
    init(_ headers: consuming RecordHeaders) {
        pointer = headers.take()
    }

    /// Takes over the headers of a message; nil if it has none.
    init?(detachedFrom message: UnsafeMutablePointer<rd_kafka_message_t>) {
        guard rd_kafka_message_detach_headers(message, &pointer) == RD_KAFKA_RESP_ERR_NO_ERROR, pointer != nil else {
            return nil
        }
    }

    private init(_ pointer: OpaquePointer?) {
        self.pointer = pointer
    }

    deinit {
        if let pointer { rd_kafka_headers_destroy(pointer) }
    }

    /// The same headers in a list of their own.
    func copy() -> HeaderList { HeaderList(pointer.flatMap { rd_kafka_headers_copy($0) }) }

    func append(_ name: Span<UInt8>, _ value: Span<UInt8>?) {
        guard let pointer else { return }
        RecordHeaders.append(to: pointer, name, value)
    }

    /// Calls `body` with the bytes of each header's name and value, in order.
    func walk(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>?) -> Void) {
        guard let pointer else { return }
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(pointer, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            index += 1
            let nameBytes = Self.bytes(UnsafeRawPointer(name), name.map { strlen($0) } ?? 0)
            guard value != nil else {
                body(nameBytes.span, nil)
                continue
            }
            body(nameBytes.span, Self.bytes(value, size).span)
        }
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// All of them, each with a name and an array of its own.
    var headers: [Record.Header] {
        var headers: [Record.Header] = []
        walk { name, value in
            headers.append(
                Record.Header(name: String(decoding: name.copied, as: UTF8.self), value: value?.copied)
            )
        }
        return headers
    }

    /// Hands the list to `body`, which says whether somebody has taken it over.
    func offer(_ body: (OpaquePointer?) -> Bool) {
        if body(pointer) { pointer = nil }
    }
}
