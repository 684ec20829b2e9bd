package import Kafka

extension RecordTemplate {
    /// Writes what the text says of a record. A missing number and the length of what is null are -1; what is null
    /// writes nothing, and in the list of all headers `NULL`.
    package func write(_ record: borrowing Record, to buffer: inout [UInt8]) {
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): buffer.append(contentsOf: bytes)
            case .topic: buffer.append(contentsOf: record.topic.utf8)
            case .partition: buffer.append(number: record.partition.map(Int64.init))
            case .offset: buffer.append(number: record.offset)
            case .timestamp: buffer.append(number: record.timestampMilliseconds)
            case .key: buffer.append(contentsOf: record.key ?? [])
            case .keyLength: buffer.append(number: (record.key?.count).map(Int64.init))
            case .value: buffer.append(contentsOf: record.value ?? [])
            case .valueLength: buffer.append(number: (record.value?.count).map(Int64.init))
            case .valueLengthBytes:
                let length = UInt32(bitPattern: Int32(clamping: record.value?.count ?? -1))
                for shift in stride(from: UInt32(24), through: 0, by: -8) {
                    buffer.append(UInt8(truncatingIfNeeded: length >> shift))
                }
            case .headers: buffer.append(headersOf: record)
            case .header(let name): buffer.append(contentsOf: record.header(name) ?? [])
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: Int64?) { append(contentsOf: String(number ?? -1).utf8) }

    fileprivate mutating func append(headersOf record: borrowing Record) {
        var list: [UInt8] = []
        record.forEachHeader { name, value in
            if !list.isEmpty { list.append(UInt8(ascii: ",")) }
            list.append(contentsOf: name.copied)
            list.append(UInt8(ascii: "="))
            if let value { list.append(contentsOf: value.copied) } else { list.append(contentsOf: "NULL".utf8) }
        }
        append(contentsOf: list)
    }
}
