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
        var service = try ServiceSettings(context, .forward)
        service.requestsMax = context.settings.int(.lanes)
        guard let types = TypePatterns(context.settings.list(ifSet: .forwardTypes)) else {
            throw UsageError("--types: write event types such as page.created, page.* or *, separated by commas")
        }
        return ForwarderSettings(service, types: types)
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
}
