import Forwarder
import HTTPServer
import Kafka
import NotionEvents
import Operations
import OrderedConsumer
import OutgoingWebhooks
import Timestamps

/// `forward`: events to a service over HTTP, until SIGTERM or SIGINT.
struct ForwardCommand {
    let context: CommandContext

    func run() async throws -> ExitStatus {
        let stop = context.stopOfService()
        let metrics = MetricRegistry()
        let forwarder = try EventForwarder(settings(), metrics: metrics, now: Timestamp.now)
        defer { forwarder.close() }
        var consuming = try KeyedConsumerSettings(context.settings, client: context.client)
        // A request has its own time-out; this deadline is for a handler that hangs.
        consuming.handlerDeadline = context.settings[\.forward.service.requestTimeout] + .seconds(5)
        let service = try ConsumerService(consuming, context: context, metrics: metrics) { await forwarder.forward($0) }
        forwarder.followLimit { service.consumer.setLanesMax($0) }
        try service.start()
        started(service)
        return try await service.run(until: stop)
    }

    private func settings() throws -> ForwarderSettings {
        var service = try ServiceSettings(
            context,
            SettingsTable.shared.forward.service,
            url: (context.settings[\.forward.url], "--url")
        )
        service.requestsMax = context.settings[\.consumer.lanes]
        service.deadLetterStatuses = try statuses() ?? service.deadLetterStatuses
        guard let types = TypePatterns(context.settings[\.forward.types]) else {
            throw UsageError("--types: write event types such as page.created, page.* or *, separated by commas")
        }
        return ForwarderSettings(service, types: types)
    }

    private func statuses() throws -> Set<Int>? {
        let texts = context.settings[\.forward.deadLetterStatuses]
        let statuses = texts.compactMap { Int($0) }.filter { (400...499).contains($0) && $0 != 429 }
        guard statuses.count == texts.count else {
            throw UsageError("--dead-letter-statuses: write statuses of 400 to 499 but 429, separated by commas")
        }
        return texts.isEmpty ? nil : Set(statuses)
    }

    private func started(_ service: ConsumerService) {
        let settings = context.settings
        context.log.info(
            "started",
            [
                "group": settings[\.consumer.group], "topic": settings[\.topic],
                "operations": service.operations.address.description, "lanes": settings[\.consumer.lanes],
                "after_dead_letter": settings[\.consumer.afterDeadLetter].rawValue, "version": Version.text,
                "librdkafka": LibraryVersion.current.description,
            ]
        )
    }
}

extension ServiceSettings {
    /// Without secrets the log warns that requests are unsigned. `url` comes with the flag that sets it, for errors.
    init(_ context: CommandContext, _ rows: SettingsTable.Service, url: (text: String, flag: String)) throws {
        let allowed = context.settings[rows.allowedHosts]
        let target: TargetURL
        do throws(TargetError) {
            target = try TargetURL(url.text)
            _ = try TargetRules(url: target, allowed: allowed)
        } catch {
            throw UsageError("\(url.flag) or \(rows.allowedHosts.row.flag): \(error)")
        }
        self.init(target: target, signer: try Self.signer(context))
        requestTimeout = context.settings[rows.requestTimeout]
        authoritiesFile = context.settings[rows.authorities]
        connectionLifeMax = context.settings[rows.connectionLife]
    }

    private static func signer(_ context: CommandContext) throws -> WebhookSigner? {
        let variable = SettingsTable.shared.forward.webhookSecrets.row.environmentForValue
        let texts = context.settings[\.forward.webhookSecrets]
        guard !texts.isEmpty else {
            context.log.warning(
                "unsigned",
                ["hint": "the service cannot tell these requests from forged ones; set \(variable)"]
            )
            return nil
        }
        do throws(WebhookSecretError) {
            return try WebhookSigner(
                texts.map { text throws(WebhookSecretError) in try WebhookSecret(text.revealed()) }
            )
        } catch {
            throw UsageError("\(variable): \(error)")
        }
    }
}
