import Kafka
import TestSupport
import Testing

/// What SECURITY.md says of compressed batches.
@Suite(.timeLimit(.minutes(2)))
struct CompressedBatchTests {
    private func send(_ bytes: Int, to topic: String, _ client: ClientSettings) async throws {
        let settings = ProducerSettings(client: client, compression: "gzip", messageBytesMax: 64 << 20)
        let producer = try Producer(settings, delivery: .awaited { _ in })
        defer { producer.close() }
        _ = try await producer.send(Record(topic: topic, value: [UInt8](repeating: 0x30, count: bytes)))
    }

    @Test(.needsKafka)
    func `a topic whose brokers unpack batches takes none that is longer than its limit`() async throws {
        let limit = ["max.message.bytes": "1048576"]
        let (packed, client) = try await SharedKafka.topic("packed", config: limit)
        let unpacking = limit.merging(["compression.type": "uncompressed"]) { first, _ in first }
        let (unpacked, _) = try await SharedKafka.topic("unpacked", config: unpacking)
        try await send(32 << 20, to: packed, client)
        try await send(1 << 19, to: unpacked, client)
        await #expect { try await send(2 << 20, to: unpacked, client) } throws: {
            ($0 as? KafkaError)?.isTooLarge == true
        }
        #expect(try await WholeTopic.records(of: packed, client).map(\.value?.count) == [32 << 20])
        #expect(try await WholeTopic.records(of: unpacked, client).map(\.value?.count) == [1 << 19])
    }
}
