import CRdKafka

/// Headers of one record, in the order in which they are appended. Freed with the value unless a producer took them.
///
/// Names are copied as they are and may repeat; a value may be `nil` (null), empty or any bytes.
public struct RecordHeaders: ~Copyable {
    let pointer: OpaquePointer

    /// An empty list with room for `capacity` headers; it grows when more are appended.
    public init(capacity: Int) {
        pointer = rd_kafka_headers_new(capacity)
    }

    deinit { rd_kafka_headers_destroy(pointer) }

    /// Appends a header whose name is made at run time.
    public mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>?) {
        Self.append(to: pointer, name, value)
    }

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

    /// Ends this value's ownership: the record has taken the headers.
    consuming func release() { discard self }

    /// Gives the list away.
    consuming func take() -> OpaquePointer {
        let pointer = pointer
        discard self
        return pointer
    }
}
