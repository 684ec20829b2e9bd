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
        append(UInt32(clamping: name.count))
        append(value.map { UInt32(clamping: $0.count) } ?? Self.null)
        bytes.append(contentsOf: name)
        if let value { bytes.append(contentsOf: value) }
    }

    mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>?) {
        append(UInt32(clamping: name.count))
        if let value { append(UInt32(clamping: value.count)) } else { append(Self.null) }
        for index in name.indices { bytes.append(name[index]) }
        guard let value else { return }
        for index in value.indices { bytes.append(value[index]) }
    }

    private mutating func append(_ number: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number &>> shift))
        }
    }

    /// Calls `body` with the places of each header's name and value, in order.
    func walk(_ body: (_ name: Range<Int>, _ value: Range<Int>?) -> Void) {
        var place = 0
        while place < bytes.count {
            let name = place + 8..<place + 8 + Int(number(at: place))
            let size = number(at: place + 4)
            let value = size == Self.null ? nil : name.upperBound..<name.upperBound + Int(size)
            body(name, value)
            place = value?.upperBound ?? name.upperBound
        }
    }

    private func number(at place: Int) -> UInt32 {
        UInt32(bytes[place]) | UInt32(bytes[place + 1]) &<< 8 | UInt32(bytes[place + 2]) &<< 16
            | UInt32(bytes[place + 3]) &<< 24
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
