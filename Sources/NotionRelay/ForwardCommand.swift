import ConsumerOperations
import Forwarder
import HTTPServer
import Kafka
import NotionEvents
import Operations
import OrderedConsumer
import Timestamps

/// `forward`: events to a service over HTTP, until SIGTERM or SIGINT.
struct ForwardCommand {
    let context: CommandContext

    func run() async throws -> ExitStatus {
        let stop = StopSignal()
        let metrics = MetricRegistry()
        let forwarder = try EventForwarder(settings(), metrics: metrics, now: Timestamp.now)
        defer { forwarder.close() }
        var consuming = try KeyedConsumerSettings(context.settings, client: context.client)
        // A request ends by its own time-out; this one is for what should never happen.
        consuming.handlerDeadline = context.settings.duration(.forwardTimeout) + .seconds(5)
        let service = try ConsumerService(
            consuming,
            context: context,
            metrics: metrics
        ) { await forwarder.forward($0) }
        forwarder.followLimit { service.consumer.setLanesMax($0) }
        try service.start()
        started(service)
        return try await service.run(until: stop)
    }

    private func settings() throws -> ForwarderSettings {
        let settings = context.settings
        let target: TargetURL
        do throws(TargetError) {
            target = try TargetURL(settings.string(.forwardURL))
            _ = try TargetRules(url: target, allowed: Self.list(settings.string(ifSet: .forwardAllow)))
        } catch {
            throw UsageError("--url or --allow-hosts: \(error)")
        }
        guard let types = TypePatterns(Self.list(settings.string(ifSet: .forwardTypes))) else {
            throw UsageError("--types: write event types such as page.created, page.* or *, separated by commas")
        }
        var forwarder = ForwarderSettings(target: target, signer: try signer(), types: types)
        forwarder.requestTimeout = settings.duration(.forwardTimeout)
        forwarder.requestsMax = settings.int(.lanes)
        forwarder.authoritiesFile = settings.string(ifSet: .forwardAuthorities)
        return forwarder
    }

    private func signer() throws -> WebhookSigner? {
        let texts = context.settings.secret(.webhookSecrets)
        guard !texts.isEmpty else {
            context.log.warning(
                "unsigned",
                ["hint": "the service cannot tell these requests from forged ones; set NOTION_RELAY_WEBHOOK_SECRETS"]
            )
            return nil
        }
        do throws(WebhookSecretError) {
            var secrets: [WebhookSecret] = []
            for text in texts { secrets.append(try WebhookSecret(text.revealed())) }
            return try WebhookSigner(secrets)
        } catch {
            throw UsageError("NOTION_RELAY_WEBHOOK_SECRETS: \(error)")
        }
    }

    private func started(_ service: ConsumerService) {
        let settings = context.settings
        context.log.info(
            "started",
            [
                "group": settings.string(.group), "topic": settings.string(.topic),
                "operations": service.operations.address.description, "lanes": settings.int(.lanes),
                "after_dead_letter": settings.string(.afterDeadLetter), "version": Version.text,
                "librdkafka": LibraryVersion.current.description,
            ]
        )
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { String($0).trimmingSpaces }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
