import Foundation
import Kafka
import Synchronization
import TestSupport

/// A member of a group, driven by hand: events and records are looked at when the client rings.
final class GroupMember: Sendable {
    let consumer: GroupConsumer
    private let rings: AsyncStream<Void>

    init(_ settings: GroupConsumerSettings) throws {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        rings = stream
        consumer = try GroupConsumer(settings) { continuation.yield() }
    }

    /// Looks at each event until one is the right one; the others are lost.
    func event<Found: Sendable>(
        within limit: Duration = .seconds(30),
        _ what: String,
        _ pick: @escaping @Sendable (GroupEvent) -> Found?
    ) async throws -> Found {
        try await withTimeout(limit, what) {
            var rings = self.rings.makeAsyncIterator()
            while true {
                while let event = self.consumer.nextEvent() {
                    if let found = pick(event) { return found }
                }
                guard await rings.next() != nil else { throw CancellationError() }
            }
        }
    }

    func assigned() async throws -> [TopicPartition] {
        try await event("an assignment") { event in
            if case .assigned(let partitions) = event { partitions } else { nil }
        }
    }

    func revoked() async throws -> [TopicPartition] {
        try await event("a revocation") { event in
            if case .revoked(let partitions, _) = event { partitions } else { nil }
        }
    }

    func commit(_ offsets: [TopicPartition: CommittedOffset], opaque: UInt = 7) async throws -> CommitReport {
        try consumer.commit(offsets, opaque: opaque)
        return try await event("a commit") { event in
            if case .committed(let report) = event, report.opaque == opaque { report } else { nil }
        }
    }

    /// Records of a partition, until there are so many.
    func records(of partition: TopicPartition, _ count: Int) async throws -> [Record] {
        try await withTimeout(.seconds(30), "\(count) records") {
            var records: [Record] = []
            var rings = self.rings.makeAsyncIterator()
            while records.count < count {
                let batch = self.consumer.take(from: partition, max: count - records.count)
                records += batch.records
                if batch.records.isEmpty {
                    while self.consumer.nextEvent() != nil {}
                    guard await rings.next() != nil else { throw CancellationError() }
                }
            }
            return records
        }
    }

    /// Leaves the group in order.
    func leave() async throws {
        try consumer.beginClose()
        try await withTimeout(.seconds(30), "leaving the group") {
            var rings = self.rings.makeAsyncIterator()
            while !self.consumer.isClosed {
                while let event = self.consumer.nextEvent() {
                    if case .revoked(let partitions, _) = event { try self.consumer.unassign(partitions) }
                }
                if self.consumer.isClosed { break }
                guard await rings.next() != nil else { throw CancellationError() }
            }
        }
        consumer.close()
    }
}
