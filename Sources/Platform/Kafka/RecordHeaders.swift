import CRdKafka
import Glibc

/// Headers of one record, in the order in which they are appended. Freed with the value unless a producer took them.
///
/// Names are copied as they are and may repeat; a value may be `nil` (null), empty or any bytes.
public struct RecordHeaders: ~Copyable {
    let pointer: OpaquePointer

    /// An empty list with room for `capacity` headers; it grows when more are appended.
    public init(capacity: Int) { pointer = rd_kafka_headers_new(capacity) }

    deinit { rd_kafka_headers_destroy(pointer) }

    /// Appends a header whose name is made at run time.
    public mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>?) { Self.append(to: pointer, name, value) }

    static func append(to pointer: OpaquePointer, _ name: Span<UInt8>, _ value: Span<UInt8>?) {
        name.withUnsafeBufferPointer { name in
            add(to: pointer, UnsafeRawPointer(name.baseAddress), name.count, value)
        }
    }

    /// Appends a header with a constant name.
    public mutating func append(_ name: StaticString, _ value: Span<UInt8>?) {
        Self.add(to: pointer, UnsafeRawPointer(name.utf8Start), name.utf8CodeUnitCount, value)
    }

    /// Appends a header with a constant name and value.
    public mutating func append(_ name: StaticString, _ value: StaticString) {
        let bytes = UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount)
        append(name, bytes.span)
    }

    private static func add(
        to pointer: OpaquePointer,
        _ name: UnsafeRawPointer?,
        _ nameBytes: Int,
        _ value: Span<UInt8>?
    ) {
        let name = name?.assumingMemoryBound(to: CChar.self)
        withBytes(of: value) { value, valueBytes in
            _ = rd_kafka_header_add(pointer, name, nameBytes, value, valueBytes)
        }
    }

    /// Ends this value's ownership: the record owns the headers now.
    consuming func release() { discard self }

    /// Transfers the list to the caller.
    consuming func take() -> OpaquePointer {
        let pointer = pointer
        discard self
        return pointer
    }
}

/// The headers of a record that was read, in the list that librdkafka made of them: most readers need few of them,
/// and a string and an array for each would cost more than the rest of the record. A producer takes the list as it is
/// when the record is forwarded.
///
/// Safety: whoever changes a list or hands it over has the only reference to it, which ``Record`` ensures; reading
/// does not change it.
final class HeaderList: @unchecked Sendable {
    private var pointer: OpaquePointer?

    /// Takes over headers that were made here.
    init(_ headers: consuming RecordHeaders) { pointer = headers.take() }

    /// Takes over the headers of a message; nil if it has none.
    init?(detachedFrom message: UnsafeMutablePointer<rd_kafka_message_t>) {
        guard rd_kafka_message_detach_headers(message, &pointer) == RD_KAFKA_RESP_ERR_NO_ERROR, pointer != nil else {
            return nil
        }
    }

    private init(_ pointer: OpaquePointer?) { self.pointer = pointer }

    deinit { if let pointer { rd_kafka_headers_destroy(pointer) } }

    /// A copy of the list.
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

    /// All headers, each with its own name and array.
    var headers: [Record.Header] {
        var headers: [Record.Header] = []
        walk { name, value in
            headers.append(Record.Header(name: String(decoding: name.copied, as: UTF8.self), value: value?.copied))
        }
        return headers
    }

    /// Hands the list to `body`, which says whether it was taken over.
    func offer(_ body: (OpaquePointer?) -> Bool) { if body(pointer) { pointer = nil } }
}

/// An address for empty keys, values and header values: librdkafka takes a null address for a null value.
///
/// Safety: nothing is read through it, its size is always 0; it points into the program's constants.
nonisolated(unsafe) let emptyBytes = UnsafeRawPointer(("" as StaticString).utf8Start)

/// Calls `body` with the address and size that librdkafka wants for these bytes; `nil` is null, empty is not.
@inline(__always)
func withBytes<Result>(of bytes: Span<UInt8>?, _ body: (UnsafeRawPointer?, Int) -> Result) -> Result {
    guard let bytes else { return body(nil, 0) }
    return bytes.withUnsafeBufferPointer { body(UnsafeRawPointer($0.baseAddress) ?? emptyBytes, $0.count) }
}

extension Span where Element == UInt8 {
    /// Whether two spans hold the same bytes.
    @inlinable package func isEqual(to other: borrowing Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// The bytes in a new array.
    package var copied: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        return bytes
    }
}

/// Lets a `switch` over the bytes of a header's name have texts as its cases, without allocating.
@inlinable package func ~= (wanted: String, name: Span<UInt8>) -> Bool {
    // Lengths are compared first, which decides most.
    wanted.utf8.count == name.count && name.isEqual(to: wanted.utf8.span)
}
