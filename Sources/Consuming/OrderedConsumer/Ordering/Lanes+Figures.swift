extension LanesStateMachine {
    /// What is worth a notice since the last time.
    mutating func takeNotices() -> [ConsumerNotice] {
        defer { notices.removeAll() }
        return notices
    }

    var figures: ConsumerFigures {
        ConsumerFigures(
            counts: counts,
            partitions: partitions.values.map { work in
                ConsumerFigures.Partition(
                    partition: work.id,
                    next: work.tracker.next,
                    waiting: work.records,
                    oldestTimestamp: work.tracker.oldestTimestamp,
                    parkedKeys: work.parked.count,
                    done: work.doneBeyond
                )
            }.sorted { $0.partition < $1.partition },
            running: runningCount,
            lanesMax: lanesMax,
            waiting: records,
            waitingBytes: bytes,
            isPaused: isPaused
        )
    }
}
