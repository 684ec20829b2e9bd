import HTTPServer
import NotionEvents
import NotionWebhooks

/// The edge's control flow, one per loop and confined to its thread: head -> admission -> body -> signature -> event ->
/// Kafka -> answer. The branches are all here; everything it calls is straight-line.
final class DeliveryHandler: ExchangeHandler {
    private unowned let loop: EventLoop
    private let context: ReceiverContext
    private let publisher: Publisher
    private let verifier: SignatureVerifier
    private let enrols: Bool
    private var record = EventRecord()
    private var traces = TraceSource()

    init(loop: EventLoop, context: ReceiverContext, publisher: Publisher) {
        self.loop = loop
        self.context = context
        self.publisher = publisher
        verifier = SignatureVerifier(tokens: context.settings.tokens)
        enrols = context.settings.enrolment == .open
    }

    // MARK: The way in

    func decide(_ head: borrowing RequestHead) -> HeadDecision {
        guard let outcome = refusal(of: head) else { return .read(bodyBytesMax: context.settings.bodyBytesMax) }
        context.telemetry.refused(outcome)
        return .refuse(context.answers.head(of: outcome), context.answers.body(of: outcome))
    }

    private func refusal(of head: borrowing RequestHead) -> Outcome? {
        guard head.pathIs(context.settings.path) else { return .notFound }
        guard head.methodIs("POST") else { return .methodNotAllowed }
        if loop.isDraining { return .stopping }
        guard publisher.isWarm else { return .brokerUnavailable }
        return publisher.admits(bytes: head.contentLength ?? 0) ? nil : .overloaded
    }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let signature = request.head.first(named: Signature.headerName)
        let count = request.head.count(named: Signature.headerName)
        let untrusted = UntrustedDelivery(body: request.body, signature: signature, signatureCount: count)
        do throws(SignatureError) {
            let verified = try verifier.verify(untrusted)
            accept(verified, trace(of: request.head), exchange)
        } catch {
            if enrols, let handshake = Handshake.recognise(untrusted) {
                enrol(handshake.token, exchange)
            } else {
                let subject = loop.clientSubject(of: exchange)
                context.telemetry.refused(
                    Outcome(error),
                    error,
                    client: request.client(trusting: context.settings.trustedProxies),
                    subject: subject
                )
                context.answers.answer(Outcome(error), exchange, on: loop)
            }
        }
    }

    private func accept(
        _ verified: borrowing VerifiedDelivery,
        _ trace: TraceContext,
        _ exchange: Exchange
    ) {
        let now = context.now()
        let outcome: Outcome?
        do throws(DeliveryError) {
            let delivery = try Delivery(verified)
            record.fill(from: delivery, key: context.settings.key, receivedAtMilliseconds: now, traceparent: trace)
            let waiting = waiting(exchange, .published, verified.bytes.count, typeIndex: record.typeIndex)
            outcome = publisher.publish(record, receivedAtMilliseconds: now, waiting)
        } catch {
            if let handshake = Handshake.recognise(verified) { return enrol(handshake.token, exchange) }
            outcome = deadLetter(verified, error, trace, now, exchange)
        }
        if let outcome {
            context.telemetry.refused(outcome)
            context.answers.answer(outcome, exchange, on: loop)
        }
    }

    private func deadLetter(
        _ verified: borrowing VerifiedDelivery,
        _ reason: DeliveryError,
        _ trace: TraceContext,
        _ now: Int64,
        _ exchange: Exchange
    ) -> Outcome? {
        let letter = DeadLetterRecord(verified, reason: reason, receivedAtMilliseconds: now, traceparent: trace)
        context.telemetry.deadLettered(reason)
        let waiting = waiting(exchange, .deadLettered, verified.bytes.count, typeIndex: DeliveryType.known.count)
        return publisher.publish(letter, receivedAtMilliseconds: now, waiting)
    }

    private func waiting(_ exchange: Exchange, _ outcome: Outcome, _ bytes: Int, typeIndex: Int) -> Waiting {
        Waiting(
            exchange: exchange,
            outcome: outcome,
            typeIndex: typeIndex,
            bytes: bytes,
            requestAtNanoseconds: loop.nowNanoseconds
        )
    }

    /// A handshake never touches an active token: its token waits for a person. One that is active already was sent
    /// again ("Resend token") and there is nothing to hold.
    private func enrol(_ token: VerificationToken, _ exchange: Exchange) {
        let isActive = context.settings.tokens.contains(token)
        if !isActive { context.pending.hold(token, receivedAtMilliseconds: context.now()) }
        context.telemetry.enrolled(token, isActive: isActive)
        context.answers.answer(.handshake, exchange, on: loop)
    }

    private func trace(of head: borrowing RequestHead) -> TraceContext {
        if let given = head.first(named: "traceparent"), let trace = TraceContext(given) { return trace }
        return traces.next()
    }

    // MARK: The other ways out

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) {
        if let waiting = publisher.settle(exchange) {
            let waited = loop.nowNanoseconds &- waiting.requestAtNanoseconds
            context.telemetry.answered(.deadlineExceeded, typeIndex: waiting.typeIndex, after: waited)
        }
        return (context.answers.head(of: .deadlineExceeded), context.answers.body(of: .deadlineExceeded))
    }

    func abandoned(_ exchange: Exchange) {
        _ = publisher.settle(exchange)
        context.telemetry.abandoned()
    }

    func refused(_ refusal: Refusal, from client: ClientAddress, because reason: String?) {
        context.telemetry.refused(Outcome(refusal), refusal, client: client, because: reason)
    }

    func acceptPaused(_ reason: AcceptPause) {
        context.telemetry.acceptPaused(reason)
    }

    func ended() {
        publisher.end()
    }
}

extension Outcome {
    init(_ error: SignatureError) {
        self = error == .missing ? .unsigned : .badSignature
    }

    init(_ refusal: Refusal) {
        self =
            switch refusal.status {
            case 408: .slowRequest
            case 413: .tooLarge
            case 503: .overloaded
            case 414, 431: .headersTooLarge
            default: .malformedRequest
            }
    }
}
