import Foundation
import TestSupport
import Testing

@testable import Replayer

struct ReplayCheckpointTests {
    private let checkpoint: ReplayCheckpoint = {
        var counts = ReplayCounts()
        counts.read = 9
        counts.sent = 5
        counts.unreadable = ["not_json": 1]
        return ReplayCheckpoint(
            name: "friday",
            run: "a-run",
            state: .running,
            startedAt: 1000,
            updatedAt: 2000,
            request: ReplayRequest(
                topic: "notion.events.v1",
                window: .times(from: 5, to: nil),
                filter: ["--type": "page.*"],
                target: .topic("copy")
            ),
            partitions: [
                .init(partition: 0, first: 3, end: 9, next: 4), .init(partition: 1, first: 2, end: 2, next: 2),
            ],
            counts: counts
        )
    }()

    @Test
    func `a checkpoint comes back as it was written`() throws {
        #expect(try ReplayCheckpoint(name: "friday", value: checkpoint.value) == checkpoint)
        #expect(checkpoint.window.from == 5 && checkpoint.window.stretches.map(\.count) == [6, 0])
    }

    @Test(arguments: [
        ("\"version\":1", "\"version\":2", CheckpointError.otherVersion(2)), ("\"next\":4", "\"next\":10", .malformed),
        ("\"next\":4", "\"next\":2", .malformed), ("\"partition\":1", "\"partition\":0", .malformed),
        ("\"partition\":1", "\"partition\":-1", .malformed), ("\"running\"", "\"resting\"", .malformed),
        ("\"end\":9", "\"end\":9223372036854775807", .malformed),
        ("\"end\":9", "\"end\":461168601842739", .malformed),
        ("\"sent\":", "\"sent\":922337203685477580", .malformed), ("\"sent\":", "\"sent\":-1", .malformed),
        ("\"first\":3", "\"first\":\"3\"", .malformed), ("}", "", .malformed),
    ])
    func `what no replay writes is refused`(_ part: String, _ other: String, _ error: CheckpointError) {
        let text = String(decoding: checkpoint.value, as: UTF8.self)
        let changed = text.replacingOccurrences(of: part, with: other)
        #expect(changed != text)
        #expect(throws: error) { try ReplayCheckpoint(name: "friday", value: Array(changed.utf8)) }
    }

    @Test
    func `no bytes bring it down`() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            var bytes = checkpoint.value
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 32...126, using: &random)
            }
            guard let read = try? ReplayCheckpoint(name: "friday", value: bytes) else { continue }
            #expect(read.partitions.allSatisfy { $0.first <= $0.next }, "\(random)")
        }
    }
}
