import Kafka
import TestSupport

/// Sends records as they are, and waits until all of them are there.
enum RecordSender {
    static func send(_ records: [Record], _ client: ClientSettings) throws {
        let producer = try Producer(ProducerSettings(client: client, queueMessagesMax: 1_000_000))
        defer { producer.close() }
        for record in records {
            var headers = RecordHeaders(capacity: record.headers.count)
            for header in record.headers { headers.append(Array(header.name.utf8).span, header.value?.span) }
            try producer.produce(
                to: producer.topic(record.topic),
                key: record.key?.span,
                value: record.value?.span,
                headers: headers,
                timestampMilliseconds: record.timestampMilliseconds ?? 0,
                opaque: 1
            )
        }
        var failures = 0
        let left = producer.flush(deadline: .seconds(30)) { event in
            if case .delivered(let report) = event, report.error != nil { failures += 1 }
        }
        guard left == 0, failures == 0 else { throw TimeoutError(description: "\(left + failures) records not sent") }
    }
}
