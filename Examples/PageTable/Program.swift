import Dispatch
import Foundation
import Kafka
import NotionEvents
import OrderedConsumer
import Pages

/// Keeps a SQLite table of pages in step with the events of Notion: an example of a service behind the relay.
///
/// The consumer brings the events of one page one at a time and in order, tries again what fails, and hands the rest on
/// to the group's dead letters. What is left for a service to do is in `handle`. Any number of these programs may run
/// for one group, also with one database file.
@main
struct Program {
    static func main() async {
        let options: Options
        do {
            options = try Options(Array(CommandLine.arguments.dropFirst()))
        } catch {
            say("\(error)\n\(Options.usage)")
            exit(2)
        }
        do {
            try await run(options)
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws {
        let store = try PageStore(options.database)
        let client = ClientSettings(bootstrapServers: options.kafka.split(separator: ",").map(String.init))
        let settings = try KeyedConsumerSettings(client: client, group: options.group, topic: options.topic)
        let consumer = try KeyedConsumer(
            settings,
            onNotice: { say($0) },
            handler: { try await handle($0, store) }
        )
        // Ctrl-C and SIGTERM: what is being handled ends, what is done is committed, the group is left. A process that
        // is killed instead loses nothing either; its pages only wait until the group has noticed.
        let signals = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { consumer.stop() }
            source.activate()
            return source
        }
        defer { for source in signals { source.cancel() } }
        try await consumer.run()
    }

    /// A thrown error, such as a database that is locked for long, means: try this event again later, and meanwhile go
    /// on with other pages.
    static func handle(_ consumed: ConsumedRecord, _ store: PageStore) async throws -> Verdict {
        guard let value = consumed.record.value else { return .skip }
        let event: Event
        do {
            event = try Event(value: value.span)
        } catch {
            // No repetition would help. The reason is what `redrive` can be asked for later.
            return .deadLetter(DeadLetterReason("malformed") ?? .handler, "\(error)")
        }
        guard event.entity.type == "page" else { return .skip }
        try await store.apply(event, id: consumed.id ?? event.id)
        return .done
    }

    private static func say(_ notice: ConsumerNotice) {
        switch notice {
        case .assigned(let starts): say("assigned: \(starts.keys.sorted())")
        case .revoked(let partitions, _, let unfinished): say("revoked: \(partitions), \(unfinished) calls unfinished")
        case .deadLettered(let letter, let place): say("dead letter at \(place): \(letter.reason), \(letter.message)")
        case .kafka(let error): say("kafka: \(error)")
        case .log(let line): say("librdkafka: \(line)")
        default: say("\(notice)")
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardError.write(Data("page-table: \(line)\n".utf8))
    }
}
