import Glibc
import Kafka
import Operations
import OrderedConsumer
import Pages

/// A member of a consumer group for tests: its handler fails, hangs and throws by chance, and each call is written down
/// before it does anything and after it has done everything.
@main
struct Program {
    static func main() async {
        do {
            try await run()
        } catch {
            say("ended: \(error)")
            exit(1)
        }
    }

    private static func run() async throws {
        let chances = Chances(CommandLine.arguments.dropFirst())
        let stop = StopSignal()
        let member = Member(
            chances: chances,
            log: try CallLog(chances.text("log"), member: chances.text("name")),
            store: try PageStore(chances.text("database"))
        )
        let consumer = try KeyedConsumer(
            try settings(chances),
            onNotice: { say("\($0)") },
            handler: { try await member.handle($0) }
        )
        try await withThrowingTaskGroup { group in
            group.addTask {
                if await stop.wait() != nil { consumer.stop() }
            }
            try await consumer.run()
            group.cancelAll()
        }
        say("counts: \(consumer.figures.counts)")
    }

    private static func settings(_ chances: Chances) throws -> KeyedConsumerSettings {
        var settings = try KeyedConsumerSettings(
            client: ClientSettings(bootstrapServers: [chances.text("kafka")]),
            group: chances.text("group"),
            topic: chances.text("topic")
        )
        settings.createsTopics = false
        settings.group.sessionTimeoutMilliseconds = chances.number("session_ms")
        settings.group.fetchWaitMilliseconds = 10
        settings.lanesMax = chances.number("lanes")
        settings.commitInterval = .milliseconds(chances.number("commit_ms"))
        settings.drainDeadline = .milliseconds(chances.number("drain_ms"))
        settings.cancelDeadline = .milliseconds(500)
        settings.handlerDeadline = .milliseconds(chances.number("deadline_ms"))
        settings.retry.firstDelay = .milliseconds(20)
        settings.retry.delayMax = .milliseconds(500)
        // What fails by chance must not be given up for it: chance differs between members.
        settings.retry.attemptsMax = 0
        return settings
    }

    private static func say(_ line: String) {
        var text = "\(CallLog.now) \(line)\n"
        _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
