import Kafka
package import Operations
package import OrderedConsumer
import Timestamps

package struct ConsumerRoutes: Sendable {
    private struct Shown: Encodable {
        struct Held: Encodable {
            let since: String
            let cause: String
        }

        struct Partition: Encodable {
            let topic: String
            let partition: Int32
            let next: Int64
            let lag: Int64?
            let waiting: Int
            let parkedKeys: Int
        }

        let group: String
        let paused: Bool
        let held: Held?
        let running: Int
        let lanesMax: Int
        let waiting: Int
        let parkedKeys: Int
        let partitions: [Partition]
    }

    private struct Accepted: Encodable {
        let accepted: String
    }

    private let consumer: KeyedConsumer
    private let group: String
    private let log: Log

    package init(_ consumer: KeyedConsumer, group: String, log: Log) {
        self.consumer = consumer
        self.group = group
        self.log = log
    }

    package var all: [Route] {
        [
            Route("GET", "/consumer") { _ in show() },
            Route("POST", "/consumer/pause") { request in
                set("pause") { try await consumer.pauseGroup(by: "operations port, \(request.client)") }
            },
            Route("POST", "/consumer/resume") { _ in set("resume") { try await consumer.resumeGroup() } },
        ]
    }

    private func show() -> RoutedAnswer {
        let figures = consumer.figures
        return .json(
            encoding: Shown(
                group: group,
                paused: figures.isPaused,
                held: figures.hold.map {
                    Shown.Held(since: Timestamp.text(milliseconds: $0.sinceMilliseconds), cause: $0.cause)
                },
                running: figures.running,
                lanesMax: figures.lanesMax,
                waiting: figures.waiting,
                parkedKeys: figures.parkedKeys,
                partitions: figures.partitions.map {
                    Shown.Partition(
                        topic: $0.partition.topic,
                        partition: $0.partition.partition,
                        next: $0.next,
                        lag: $0.lag,
                        waiting: $0.waiting,
                        parkedKeys: $0.parkedKeys
                    )
                }
            )
        )
    }

    /// The group's state is a topic: the answer does not wait for it; the log and `GET /consumer` show the change.
    private func set(_ what: String, _ write: @escaping @Sendable () async throws -> Void) -> RoutedAnswer {
        // Safety: one write, which ends within the producer's time-out.
        Task {
            do {
                try await write()
            } catch {
                log.error("group_state_not_written", ["wanted": what, "error": "\(error)"])
            }
        }
        return .json(encoding: Accepted(accepted: what), status: 202)
    }
}
