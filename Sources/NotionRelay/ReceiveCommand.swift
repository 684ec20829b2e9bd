import HTTPServer
import Kafka
import NotionEvents
import Operations
import Receiver
import Subscriptions

/// `receive`: the edge, until SIGTERM or SIGINT.
struct ReceiveCommand {
    let context: CommandContext

    func run() async throws -> ExitStatus {
        let stop = context.stopOfService(after: context.settings[\.edge.stopDelay])
        let settings = try ReceiverSettings(context.settings, client: context.client)
        let service = try EdgeService(settings, context)
        try service.start()
        started(service)
        _ = await stop.wait()
        return try await Self.stop(service, context)
    }

    private func started(_ service: EdgeService) {
        let settings = service.edge.settings
        context.log.info(
            "started",
            [
                "listen": settings.listen.with(port: UInt16(service.edge.port)).description,
                "operations": service.operations.address.description,
                "path": settings.path,
                "topic": settings.topic,
                "key": settings.key.rawValue,
                "cloudevents": settings.contentMode.rawValue,
                "tokens": settings.tokens.count,
                "subscriptions_topic": settings.subscriptions?.topic,
                "tls": context.settings.isSet(\.tls.certificate),
                "enrolment": settings.enrolment.rawValue,
                "verification_bytes_max": VerificationBudget.bytesMax,
                "verification_bytes_per_network_max": VerificationBudget.networkBytesMax,
                "buffers_max_mib": settings.buffersBytesMax >> 20,
                "version": Version.text,
                "librdkafka": LibraryVersion.current.description,
            ]
        )
        context.log.warn(of: context.settings.doubtfulTokens())
        if settings.enrolment == .open {
            let place = settings.subscriptions == nil ? "POST /enrolment/reveal" : "notion-relay subscription pending"
            context.log.warning(
                "enrolment_open",
                ["hint": "anyone can post a handshake; it is held for \(place) and activates nothing"]
            )
        }
        if settings.acceptsUnsigned {
            context.log.warning(
                "signature_optional",
                ["hint": "anyone can post events without a signature; they pass with the header ce_verified: false"]
            )
        }
    }

    static func stop(_ service: EdgeService, _ context: CommandContext) async throws -> ExitStatus {
        let log = context.log
        let delay = context.settings[\.edge.stopDelay]
        log.info("stopping", delay > .zero ? ["delay_seconds": Int(delay / .seconds(1))] : [:])
        if delay > .zero { await service.linger(for: delay) }
        guard try await service.stop(within: context.settings[\.edge.gracePeriod]) else {
            log.error("stopped", ["verdict": "some accepted requests were not answered in time"])
            return .failure
        }
        log.info("stopped", ["verdict": "every accepted request was answered"])
        return .success
    }
}
