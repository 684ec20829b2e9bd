/// First every entry is added, then every record observed, then the verdict is read.
package struct LedgerCheck {
    /// Limit: events of one ledger, some 120 bytes of memory each.
    package static let eventsMax = 10_000_000
    /// Limit: ids listed for one kind of failure.
    package static let examplesMax = 20

    private struct Event {
        let id: SimulatedID
        let entity: Int32
        let connection: Int32
        let kind: LedgerEntry.Kind
        var acknowledgements: Int32 = 0
        var records: Int32 = 0
        var partition: Int32 = -1
        var offset: Int64 = -1
    }

    private var events: [Event] = []
    private var indexOfEvent: [SimulatedID: Int32] = [:]
    private var indexOfEntity: [SimulatedID: Int32] = [:]
    private var summary = CheckSummary()

    package mutating func add(_ entry: LedgerEntry) throws(LedgerFlaw) {
        summary.entries += 1
        if entry.kind == .duplicate {
            // The duplicate's own line comes after the event's, since only what was acknowledged is sent again.
            guard let index = indexOfEvent[entry.eventID] else { throw .badValue("kind") }
            if entry.isAcknowledged {
                events[Int(index)].acknowledgements += 1
                summary.duplicatesAcknowledged += 1
            }
            return
        }
        guard events.count < Self.eventsMax else { throw .tooManyEvents }
        guard indexOfEvent.updateValue(Int32(events.count), forKey: entry.eventID) == nil else { throw .repeatedID }
        let entity = indexOfEntity[entry.entityID] ?? Int32(indexOfEntity.count)
        indexOfEntity[entry.entityID] = entity
        guard let connection = Int32(exactly: entry.connection) else { throw .badValue("connection") }
        var event = Event(id: entry.eventID, entity: entity, connection: connection, kind: entry.kind)
        if entry.kind == .tampered {
            summary.tampered += 1
            if entry.isAcknowledged { summary.tamperedAcknowledged.add(entry.eventID) }
        } else if entry.isAcknowledged {
            event.acknowledgements = 1
            summary.acknowledged += 1
        }
        events.append(event)
    }

    /// Records of one partition come in order. `id` is nil without one of Notion's form in `ce_id`.
    package mutating func observe(partition: Int32, offset: Int64, id: SimulatedID?) {
        summary.records += 1
        guard let id, let index = indexOfEvent[id].map(Int.init) else {
            summary.foreign += 1
            return
        }
        events[index].records += 1
        if events[index].records > 1 {
            summary.duplicateRecords += 1
        } else {
            events[index].partition = partition
            events[index].offset = offset
        }
    }

    package func verdict() -> CheckSummary {
        var verdict = summary
        verdict.entities = indexOfEntity.count
        /// The place of the first record of the entity's event before, over the same connection, in the ledger's order.
        var last: [Int64: (partition: Int32, offset: Int64)] = [:]
        for event in events {
            if event.kind == .tampered {
                if event.records > 0 { verdict.tamperedPresent.add(event.id) }
                continue
            }
            guard event.acknowledgements > 0 else {
                // Refused in the end, or never answered: it may be in the topic or not, anywhere.
                if event.records > 0 { verdict.unacknowledgedPresent += 1 }
                continue
            }
            guard event.records > 0 else {
                verdict.missing.add(event.id)
                continue
            }
            let stream = Int64(event.entity) << 32 | Int64(event.connection)
            let place = (partition: event.partition, offset: event.offset)
            if let before = last[stream] {
                guard before.partition == place.partition else {
                    verdict.scattered.add(event.id)
                    continue
                }
                guard before.offset < place.offset else {
                    verdict.outOfOrder.add(event.id)
                    continue
                }
            }
            last[stream] = place
        }
        return verdict
    }
}

package struct CheckSummary: Sendable, Equatable {
    package struct Failure: Sendable, Equatable {
        package private(set) var count = 0
        package private(set) var examples: [String] = []

        mutating func add(_ id: SimulatedID) {
            count += 1
            if examples.count < LedgerCheck.examplesMax { examples.append(id.description) }
        }
    }

    package internal(set) var entries = 0
    package internal(set) var entities = 0
    package internal(set) var acknowledged = 0
    package internal(set) var duplicatesAcknowledged = 0
    package internal(set) var tampered = 0
    package internal(set) var records = 0
    /// Records beyond the first of an event: retries whose acknowledgement was lost, and duplicates.
    package internal(set) var duplicateRecords = 0
    /// Records that are not in the ledger: other senders' or an earlier run's. Not a failure.
    package internal(set) var foreign = 0
    /// Events that were never answered 2xx and yet are in the topic. Not a failure: delivery is at least once.
    package internal(set) var unacknowledgedPresent = 0
    /// The simulator was killed while it wrote the ledger's last line.
    package internal(set) var isLedgerCut = false

    package internal(set) var missing = Failure()
    /// Acknowledged after another event of their entity and connection, but before it in the topic.
    package internal(set) var outOfOrder = Failure()
    /// In another partition than the earlier events of their entity and connection.
    package internal(set) var scattered = Failure()
    package internal(set) var tamperedPresent = Failure()
    package internal(set) var tamperedAcknowledged = Failure()

    package var isOK: Bool { failures.allSatisfy { $0.failure.count == 0 } }

    private var failures: [(name: String, failure: Failure)] {
        [
            ("missing", missing), ("out_of_order", outOfOrder), ("scattered", scattered),
            ("tampered_present", tamperedPresent), ("tampered_acknowledged", tamperedAcknowledged),
        ]
    }

    private var report: SummaryReport {
        var report = SummaryReport()
        report.add("ok", isOK)
        report.add("entries", entries)
        report.add("entities", entities)
        report.add("acknowledged", acknowledged)
        report.add("duplicates_acknowledged", duplicatesAcknowledged)
        report.add("tampered", tampered)
        report.add("records", records)
        report.add("duplicate_records", duplicateRecords)
        report.add("foreign_records", foreign)
        report.add("unacknowledged_present", unacknowledgedPresent)
        if isLedgerCut { report.add("ledger_cut", true) }
        for (name, failure) in failures {
            report.add(name, failure.count)
            if !failure.examples.isEmpty { report.add(name + "_ids", failure.examples) }
        }
        return report
    }

    package var table: String { report.table }
    package var json: String { report.json }
}
