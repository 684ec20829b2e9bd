import Synchronization

/// The figures of a run while it goes on, fed by every lane.
final class DeliverTally: Sendable {
    private let figures = Mutex(DeliverSummary())

    /// One answer, or none (`failure`), to one request.
    func record(_ errand: LaneAgenda.Errand, status: Int, failure: String?, latency: Duration) {
        figures.withLock { figures in
            figures.requests += 1
            figures.latency.record(microseconds: UInt64(max(0, latency / .microseconds(1))))
            if errand.kind == .event, errand.attempt > 1 { figures.retries += 1 }
            if let failure {
                figures.failures[failure, default: 0] += 1
            } else if !(200...299).contains(status), errand.kind != .tampered {
                figures.refusals["\(status)", default: 0] += 1
            }
        }
    }

    func record(_ entry: LedgerEntry) {
        figures.withLock { figures in
            switch entry.kind {
            case .event:
                if entry.isAcknowledged { figures.acknowledged += 1 } else { figures.gaveUp += 1 }
                if entry.attempts > 1 { figures.retriedEvents += 1 }
            case .duplicate:
                figures.duplicates += 1
                if entry.isAcknowledged { figures.duplicatesAcknowledged += 1 }
            case .tampered:
                figures.tampered += 1
                if entry.isAcknowledged { figures.tamperedAcknowledged += 1 }
            }
        }
    }

    func summary(count: Int, elapsed: Duration) -> DeliverSummary {
        var summary = figures.withLock(\.self)
        summary.unfinished = count - summary.acknowledged - summary.gaveUp - summary.tampered
        summary.seconds = elapsed / .seconds(1)
        return summary
    }
}
