/// The headers of a record that was read, as bytes one behind the other: most readers ask for few of them, and a name
/// and an array for each would cost more than everything else about the record.
///
/// Each header is the length of its name and of its value (four bytes each, least first; all ones for a null value),
/// then the two.
struct HeaderBlock: Sendable, Equatable {
    private static let null = UInt32.max

    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        let valueCount = value.map { UInt32(clamping: $0.count) } ?? Self.null
        let counts = UInt64(UInt32(clamping: name.count)) | UInt64(valueCount) &<< 32
        withUnsafeBytes(of: counts.littleEndian) { append($0) }
        append(name)
        if let value { append(value) }
    }

    /// As typed bytes they are copied in one go, as raw ones each by itself.
    private mutating func append(_ run: UnsafeRawBufferPointer) {
        run.withMemoryRebound(to: UInt8.self) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>?) {
        name.withUnsafeBytes { name in
            guard let value else { return append(name: name, value: nil) }
            value.withUnsafeBytes { append(name: name, value: $0) }
        }
    }

    /// Calls `body` with the places of each header's name and value, in order.
    func walk(_ body: (_ name: Range<Int>, _ value: Range<Int>?) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var place = 0
            while place < bytes.count {
                // What stands here was put here by `append`, whole.
                let counts = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                let size = UInt32(truncatingIfNeeded: counts &>> 32)
                let name = place + 8..<place + 8 + Int(UInt32(truncatingIfNeeded: counts))
                let value = size == Self.null ? nil : name.upperBound..<name.upperBound + Int(size)
                body(name, value)
                place = value?.upperBound ?? name.upperBound
            }
        }
    }

    /// All of them, each with a name and an array of its own.
    var headers: [Record.Header] {
        var headers: [Record.Header] = []
        walk { name, value in
            headers.append(
                Record.Header(
                    name: String(decoding: bytes[name], as: UTF8.self),
                    value: value.map { Array(bytes[$0]) }
                )
            )
        }
        return headers
    }
}
