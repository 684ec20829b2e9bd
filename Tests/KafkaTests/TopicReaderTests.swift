import EmbeddedKafka
import Synchronization
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct TopicReaderTests {
    private let embedded: EmbeddedTopic

    init() throws {
        embedded = try EmbeddedTopic()
    }

    /// Ten records of one key, a second apart; returns their partition.
    private func fill() async throws -> Int32 {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        var partition: Int32 = -1
        for number in 0..<10 {
            var record = embedded.record(key: "k", value: "\(number)")
            record.timestampMilliseconds = 1_000_000 + Int64(number) * 1_000
            partition = try await producer.send(record).partition
        }
        return partition
    }

    private func reader(limit: TopicReader.Limit? = nil) -> TopicReader {
        TopicReader(client: embedded.client, topic: embedded.name, limit: limit)
    }

    private func values(_ records: [Record]) -> String {
        records.map { String(decoding: $0.value ?? [], as: UTF8.self) }.joined()
    }

    @Test(arguments: [(Int.max, "0123456789", true), (10, "0123456789", true), (4, "0123", false), (0, "", false)])
    func `all records are read, or the first ones`(recordsMax: Int, expected: String, isAll: Bool) async throws {
        _ = try await fill()
        var records: [Record] = []
        #expect(try await reader().readAll(recordsMax: recordsMax) { records.append($0) } == isAll)
        #expect(values(records) == expected)
    }

    @Test func `an empty topic has an end too`() async throws {
        #expect(try await reader().readAll { _ in Issue.record("there is no record") })
        #expect(try await reader().readNewest { _ in Issue.record("there is no record") })
        #expect(try await reader().count(since: 0) == 0)
    }

    @Test func `the newest of each partition are read`() async throws {
        _ = try await fill()
        var records: [Record] = []
        #expect(try await !reader().readNewest(eachMax: 3) { records.append($0) })
        #expect(values(records) == "789")
        records = []
        #expect(try await reader().readNewest(eachMax: 10) { records.append($0) })
        #expect(values(records) == "0123456789")
        records = []
        #expect(try await !reader().readNewest(recordsMax: 2) { records.append($0) })
        #expect(values(records) == "89")
        #expect(try await reader().readNewest(partitionsMax: 0) { _ in Issue.record("no partition is wanted") })
    }

    @Test func `progress names what was read and what there is`() async throws {
        _ = try await fill()
        let told = Mutex<[TopicReader.Progress]>([])
        let reader = TopicReader(client: embedded.client, topic: embedded.name) { progress in
            told.withLock { $0.append(progress) }
        }
        try await reader.readAll { _ in }
        let all = told.withLock { $0 }
        #expect(all.first == TopicReader.Progress(topic: embedded.name, records: 0, recordsMax: 10))
        #expect(all.last == TopicReader.Progress(topic: embedded.name, records: 10, recordsMax: 10))
    }

    @Test func `the time at an offset is that of its record, and there is none at the end`() async throws {
        let partition = try await fill()
        let times = try await reader().times(at: [partition: 4, (partition + 1) % 3: 0])
        #expect(times == [partition: 1_004_000])
    }

    @Test func `a topic that is not there is an error that names it`() async throws {
        let reader = TopicReader(client: embedded.client, topic: "nowhere")
        embedded.cluster.fail(topic: "nowhere", code: 3)
        await #expect(throws: TopicReaderError.noTopic("nowhere")) { try await reader.readAll { _ in } }
    }

    @Test(arguments: [TopicReader.Limit.silence(.milliseconds(300)), .total(.milliseconds(300))])
    func `a broker that sends nothing ends the reading`(limit: TopicReader.Limit) async throws {
        let partition = try await fill()
        var read = 0
        do {
            // Once the first record is there, the broker goes away; those of other partitions are never heard of.
            try await reader(limit: limit).readAll { _ in
                if read == 0 { try? embedded.cluster.brokerDown() }
                read += 1
            }
        } catch TopicReaderError.silent(let topic, _) {
            #expect(topic == embedded.name)
        } catch TopicReaderError.unfinished(let topic, let partitions, _) {
            #expect(topic == embedded.name && partitions == [partition])
        }
    }

    private static let cases: [(counts: [Int32: Int64], recordsMax: Int64, shares: [Int32: Int64])] = [
        ([0: 5, 1: 5], 10, [0: 5, 1: 5]), ([0: 5, 1: 5], 100, [0: 5, 1: 5]), ([0: 8, 1: 8], 10, [0: 5, 1: 5]),
        ([0: 1, 1: 8, 2: 9], 11, [0: 1, 1: 5, 2: 5]), ([0: 3, 1: 3], 1, [0: 0, 1: 1]), ([0: 3], 0, [0: 0]),
        ([:], 5, [:]), ([0: 0, 1: 7], 5, [0: 0, 1: 5]),
    ]

    @Test(arguments: cases)
    func `what a partition leaves of its share goes to the others`(
        counts: [Int32: Int64],
        recordsMax: Int64,
        shares: [Int32: Int64]
    ) {
        #expect(TopicReader.shares(of: counts, recordsMax: recordsMax) == shares)
    }
}
