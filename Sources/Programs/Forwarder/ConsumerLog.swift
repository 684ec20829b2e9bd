import Kafka
package import Operations
package import OrderedConsumer
import Timestamps

package struct ConsumerLog: Sendable {
    private let log: Log
    /// What this user needs in Kafka, for a line about a right that is missing.
    private let rights: String

    package init(_ log: Log, rights: String) {
        self.log = log
        self.rights = rights
    }

    package func write(_ notice: ConsumerNotice) {
        switch notice {
        case .assigned(let partitions):
            log.info("partitions_assigned", ["partitions": Self.list(partitions.keys), "count": partitions.count])
        case .revoked(let partitions, let isLost, let unfinished): revoked(partitions, isLost, unfinished)
        case .beyondEnd(let partition, let committed, let end):
            log.error(
                "offset_beyond_end",
                [
                    "partition": partition.description, "committed": committed, "end": end,
                    "hint": "was the topic deleted and made again? reading begins at its first record",
                ]
            )
        case .stoodStill(let gap):
            log.warning(
                "stood_still",
                [
                    "seconds": Int(gap / .seconds(1)),
                    "hint": "the process did not run for longer than a session; was it stopped, or short of CPU? "
                        + "no call begins until the coordinator has responded",
                ]
            )
        case .paused(let pause):
            if let pause {
                log.warning("group_paused", ["by": pause.by, "hint": "notion-relay groups resume lets it go on"])
            } else {
                log.info("group_resumed")
            }
        case .held(let hold):
            log.warning(
                "held",
                [
                    "cause": hold.cause, "waiting": hold.waiting,
                    "hint": "the service is in trouble, and no event is to blame: one at a time is tried until one is "
                        + "done, and no attempts count",
                ]
            )
        case .released(let hold):
            log.info(
                "released",
                [
                    "cause": hold.cause, "waiting": hold.waiting,
                    "seconds": max(0, Timestamp.now() - hold.sinceMilliseconds) / 1000,
                ]
            )
        case .commitFailed(let error):
            log.limited(.warning, "commit_failed", ["error": error.description, "hint": "the next commit tries again"])
        case .kafka(let error):
            let isRight = (error as? KafkaError)?.isAuthorization ?? false
            let hint = isRight ? "grant this user what it needs: \(rights)" : nil
            log.limited(.warning, "kafka_error", ["error": "\(error)", "hint": hint])
        case .log(let line): log.debug("librdkafka", ["facility": line.facility, "text": line.text])
        case .unknownState(let offset):
            log.limited(
                .warning,
                "unknown_state",
                ["offset": offset, "hint": "an entry of the group's state topic that this version does not know"]
            )
        case .overdue, .deadLettered, .parked, .notParked, .unparked, .storeFailed, .parkedKeysFull: record(notice)
        }
    }

    private func revoked(_ partitions: [TopicPartition], _ isLost: Bool, _ unfinished: Int) {
        guard isLost || unfinished > 0 else {
            log.info("partitions_revoked", ["partitions": Self.list(partitions), "count": partitions.count])
            return
        }
        log.warning(
            "partitions_revoked",
            [
                "partitions": Self.list(partitions), "count": partitions.count, "lost": isLost,
                "unfinished": unfinished,
                "hint": isLost
                    ? "this member sent no heartbeat in time; what was not committed is handled again"
                    : "calls took longer than the drain deadline; their records are handled again",
            ]
        )
    }

    /// What is about one record or key. The record itself is never logged.
    private func record(_ notice: ConsumerNotice) {
        switch notice {
        case .overdue(let partition, let offset, let attempt):
            log.limited(
                .warning,
                "handler_overdue",
                ["partition": partition.description, "offset": offset, "attempt": attempt]
            )
        case .deadLettered(let letter, let place):
            log.limited(
                .warning,
                "dead_letter",
                by: letter.reason.word,
                [
                    "topic": letter.topic, "place": letter.origin.description, "reason": letter.reason.word,
                    "message": letter.message, "attempts": letter.attempts, "dead_letter": place.description,
                    "omitted_value_bytes": letter.omittedValueBytes,
                    "hint": letter.omittedValueBytes.map { _ in
                        "its topic takes no such size: raise its max.message.bytes, and replay the event from its place"
                    },
                ]
            )
        case .parked(let parked):
            log.warning(
                "key_parked",
                [
                    "key": String(decoding: parked.key, as: UTF8.self), "reason": parked.reason.word,
                    "hint": "its events wait in the dead letters, in order; notion-relay redrive brings them back",
                ]
            )
        case .notParked(let parked, let why):
            log.limited(
                .error,
                "key_not_parked",
                [
                    "partition": parked.partition, "offset": parked.offset, "error": why,
                    "hint":
                        "its later events are handled, so its order is not kept; raise the topic's max.message.bytes",
                ]
            )
        case .unparked(let parked): log.info("key_unparked", ["key": String(decoding: parked.key, as: UTF8.self)])
        case .storeFailed(let partition, let offset, let message):
            log.limited(
                .error,
                "dead_letter_not_written",
                [
                    "partition": partition.description, "offset": offset, "error": message,
                    "hint": "nothing is committed past this record until it can be written",
                ]
            )
        case .parkedKeysFull(let partition, let offset):
            log.limited(
                .error,
                "parked_keys_full",
                [
                    "partition": partition.description, "offset": offset,
                    "hint": "raise parked_keys_max, or redrive while the partition is still read; this key waits",
                ]
            )
        default: break
        }
    }

    // Limit: a line of the log names some partitions; all of them are in the metrics.
    private static func list(_ partitions: some Collection<TopicPartition>) -> String {
        let shown = partitions.sorted().prefix(20).map(\.description).joined(separator: ", ")
        return partitions.count > 20 ? shown + ", …" : shown
    }
}
