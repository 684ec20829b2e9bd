import Kafka

/// All commits of a group, in the order in which its coordinator took them: read from the brokers' own topic of them.
struct CommitHistory: Sendable {
    /// The committed offsets of each partition, one after the other.
    private(set) var offsets: [Int32: [Int64]] = [:]

    init(_ client: ClientSettings, group: String, topic: String) async throws {
        for record in try await WholeTopic.records(of: "__consumer_offsets", client) {
            var key = Bytes(record.key ?? [])
            guard (0...1).contains(key.integer(2)), key.text() == group, key.text() == topic, let value = record.value
            else { continue }
            let partition = Int32(key.integer(4))
            var rest = Bytes(value)
            _ = rest.integer(2)
            offsets[partition, default: []].append(rest.integer(8))
        }
    }

    var count: Int { offsets.values.reduce(0) { $0 + $1.count } }

    /// Commits that went back, as text.
    var setbacks: [String] {
        offsets.sorted { $0.key < $1.key }.flatMap { partition, offsets in
            zip(offsets, offsets.dropFirst()).filter { $0 > $1 }.map { "[\(partition)] from \($0) to \($1)" }
        }
    }

    /// Kafka's own binary form of keys and values: big endian, texts behind their lengths.
    private struct Bytes {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        mutating func integer(_ count: Int) -> Int64 {
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reduce(0) { $0 << 8 | Int64($1) }
        }

        mutating func text() -> String {
            let count = Int(integer(2))
            defer { rest = rest.dropFirst(count) }
            return String(decoding: rest.prefix(count), as: UTF8.self)
        }
    }
}
