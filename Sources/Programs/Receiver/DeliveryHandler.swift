import HTTPServer
import NotionEvents
import NotionWebhooks
import Operations
import Subscriptions

/// The edge's control flow, one per loop and confined to its thread: head -> admission -> body -> signature -> event ->
/// Kafka -> answer. The branches are all here; everything it calls is straight-line.
final class DeliveryHandler: ExchangeHandler {
    private unowned let loop: EventLoop
    private let context: ReceiverContext
    private let publisher: Publisher
    private let tokens: LoopTokens
    private let enrols: Bool
    private var record: EventRecord
    private var traces = TraceSource()
    private var budget = VerificationBudget()

    init(loop: EventLoop, context: ReceiverContext, publisher: Publisher) {
        self.loop = loop
        self.context = context
        self.publisher = publisher
        record = EventRecord(mode: context.settings.contentMode)
        tokens = LoopTokens(path: context.settings.path, activeTokens: context.activeTokens, uses: context.uses)
        enrols = context.settings.enrolment == .open
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        guard let outcome = refusal(of: head) else { return .read(bodyBytesMax: context.settings.bodyBytesMax) }
        // Looked at last, so that a delivery does not pay for it.
        if outcome.status == 404 || outcome.status == 405, let health = context.answers.health(head, context) {
            return health
        }
        context.telemetry.refused(outcome, head, from: peer, trusting: context.settings.trustedProxies)
        return .refuse(context.answers.head(of: outcome), context.answers.body(of: outcome))
    }

    private func refusal(of head: borrowing RequestHead) -> DeliveryOutcome? {
        switch tokens.match(head.path) {
        case .endpoint: break
        // A new subscription posts its handshake before any token here has its name.
        case .unknownSubscription where enrols || !context.activeTokens.isComplete || Self.mayBeHandshake(head): break
        case .unknownSubscription, .notFound: return .notFound
        }
        guard head.methodIs("POST") else { return .methodNotAllowed }
        guard !head.isEncoded else { return .unsupportedEncoding }
        if loop.isDraining { return .stopping }
        guard publisher.isOpen else { return .brokerUnavailable }
        return publisher.admits(bytes: head.contentLength ?? 0) ? nil : .overloaded
    }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let signature = request.head.first(named: Signature.headerName)
        let count = request.head.count(named: Signature.headerName)
        let untrusted = UntrustedDelivery(body: request.body, signature: signature, signatureCount: count)
        switch tokens.match(request.head.path) {
        case .endpoint(let endpoint):
            let verifier = tokens.endpoints[endpoint].verifier
            do throws(SignatureError) {
                accept(try verifier.verifyWithLikeliest(untrusted), request, at: endpoint, exchange)
            } catch {
                guard error == .mismatch, verifier.othersCount > 0 else {
                    return unverified(untrusted, error, request, at: endpoint, exchange)
                }
                verifyWithOthers(untrusted, verifier, request, at: endpoint, exchange)
            }
        case .unknownSubscription(let name):
            let handshake = Handshake.recognise(untrusted)
            if enrols, let handshake { return enrol(handshake.token, name, at: .unused, request, exchange) }
            guard context.activeTokens.isComplete else { return refuse(.tokensUnknown, request, exchange) }
            if let handshake { notKept(handshake.token, request) }
            refuse(.notFound, request, exchange)
        case .notFound: refuse(.notFound, request, exchange)
        }
    }

    /// While enrolment is closed a handshake at an unknown subscription's path is looked at for the log's sake only.
    private static func mayBeHandshake(_ head: borrowing RequestHead) -> Bool {
        head.methodIs("POST") && (1...Handshake.bodyBytesMax).contains(head.contentLength ?? 0)
    }

    /// With many tokens a stranger's body costs many hashes, so there is a budget.
    private func verifyWithOthers(
        _ untrusted: borrowing UntrustedDelivery,
        _ verifier: SignatureVerifier,
        _ request: borrowing Request,
        at endpoint: Int,
        _ exchange: Exchange
    ) {
        let bytes = request.body.count
        let others = verifier.othersCount
        let isFree = bytes <= VerificationBudget.freeBodyBytesMax
        let client = isFree ? "" : request.client(trusting: context.settings.trustedProxies).clientNetwork.description
        guard budget.admits(bodyBytes: bytes, othersCount: others, of: client, at: context.now()) else {
            context.telemetry.verificationLimited(client: client)
            return context.answers.answer(.verificationLimited, exchange, on: loop)
        }
        do throws(SignatureError) {
            let verified = try verifier.verifyWithOthers(untrusted)
            budget.verified(bodyBytes: bytes, othersCount: others, of: client)
            accept(verified, request, at: endpoint, exchange)
        } catch {
            unverified(untrusted, error, request, at: endpoint, exchange)
        }
    }

    /// No token verifies it: it may be a handshake, or pass where signatures are optional, or it is refused.
    private func unverified(
        _ untrusted: borrowing UntrustedDelivery,
        _ error: SignatureError,
        _ request: borrowing Request,
        at endpoint: Int,
        _ exchange: Exchange
    ) {
        let handshake = Handshake.recognise(untrusted)
        if enrols, let handshake {
            let name = tokens.endpoints[endpoint].name
            return enrol(handshake.token, name, at: .used(name), request, exchange)
        }
        // A handshake holds a secret: while enrolment is closed, it must not pass as an event and be published.
        if context.settings.acceptsUnsigned, handshake == nil, let passed = try? VerifiedDelivery(unsigned: untrusted) {
            context.telemetry.passedUnsigned()
            return accept(passed, request, at: endpoint, exchange)
        }
        guard error != .mismatch || context.activeTokens.isComplete else { return refuse(.tokensUnknown, exchange) }
        if let handshake { notKept(handshake.token, request) }
        context.telemetry.refused(
            DeliveryOutcome(error),
            error,
            client: request.client(trusting: context.settings.trustedProxies),
            subject: loop.clientSubject(of: exchange)
        )
        context.answers.answer(DeliveryOutcome(error), exchange, on: loop)
    }

    private func accept(
        _ verified: borrowing VerifiedDelivery,
        _ request: borrowing Request,
        at endpoint: Int,
        _ exchange: Exchange
    ) {
        let now = context.now()
        let trace = trace(of: request.head)
        let outcome: DeliveryOutcome?
        do throws(DeliveryError) {
            let delivery = try Delivery(verified)
            if let token = verified.tokenIndex { tokens.note(delivery, by: token, at: endpoint, now: now) }
            record.fill(from: delivery, key: context.settings.key, receivedAtMilliseconds: now, traceparent: trace)
            let waiting = waiting(exchange, .published, verified.bytes.count, typeIndex: record.typeIndex)
            outcome = publisher.publish(record, receivedAtMilliseconds: now, waiting)
        } catch {
            if let handshake = Handshake.recognise(verified) {
                let name = tokens.endpoints[endpoint].name
                return enrol(handshake.token, name, at: .used(name), request, exchange)
            }
            outcome = deadLetter(verified, error, trace, now, exchange)
        }
        if let outcome { refuse(outcome, exchange) }
    }

    private func refuse(_ outcome: DeliveryOutcome, _ request: borrowing Request, _ exchange: Exchange) {
        context.telemetry.refused(
            outcome,
            request.head,
            from: request.client,
            trusting: context.settings.trustedProxies
        )
        context.answers.answer(outcome, exchange, on: loop)
    }

    private func refuse(_ outcome: DeliveryOutcome, _ exchange: Exchange) {
        context.telemetry.refused(outcome)
        context.answers.answer(outcome, exchange, on: loop)
    }

    private func deadLetter(
        _ verified: borrowing VerifiedDelivery,
        _ reason: DeliveryError,
        _ trace: TraceContext,
        _ now: Int64,
        _ exchange: Exchange
    ) -> DeliveryOutcome? {
        let letter = DeadLetterRecord(verified, reason: reason, receivedAtMilliseconds: now, traceparent: trace)
        var waiting = waiting(exchange, .deadLettered, verified.bytes.count, typeIndex: DeliveryType.known.count)
        waiting.deadLetterReason = reason
        return publisher.publish(letter, receivedAtMilliseconds: now, waiting)
    }

    private func waiting(_ exchange: Exchange, _ outcome: DeliveryOutcome, _ bytes: Int, typeIndex: Int) -> Waiting {
        Waiting(
            exchange: exchange,
            outcome: outcome,
            typeIndex: typeIndex,
            bytes: bytes,
            requestAtNanoseconds: loop.nowNanoseconds
        )
    }

    /// A handshake never touches an active token: its token waits for a person. One that is active already was sent
    /// again ("Resend token") and there is nothing to hold. The answer is the same in any case: 200, because Notion
    /// makes no subscription otherwise, and because a stranger must not learn what became of it.
    private func enrol(
        _ token: VerificationToken,
        _ name: SubscriptionName?,
        at path: HandshakeLimiter.Path,
        _ request: borrowing Request,
        _ exchange: Exchange
    ) {
        let client = request.client(trusting: context.settings.trustedProxies).clientNetwork.description
        context.telemetry.enrolled(token, hold(token, name, at: path, client), client: client)
        context.answers.answer(.handshake, exchange, on: loop)
    }

    /// Enrolment is closed.
    private func notKept(_ token: VerificationToken, _ request: borrowing Request) {
        let client = request.client(trusting: context.settings.trustedProxies).clientNetwork.description
        context.telemetry.handshake(token, .closed, client: client)
    }

    private func hold(
        _ token: VerificationToken,
        _ name: SubscriptionName?,
        at path: HandshakeLimiter.Path,
        _ client: String
    ) -> HandshakeResult {
        guard context.activeTokens.keyring.key(of: token) == nil else { return .active }
        let new = PendingHandshakes.Pending(
            token: token,
            name: name,
            client: client,
            receivedAtMilliseconds: context.now()
        )
        return context.pending.hold(new, at: path) ? .held : .limited
    }

    private func trace(of head: borrowing RequestHead) -> TraceContext {
        if let given = head.first(named: "traceparent"), let trace = TraceContext(given) { return trace }
        return traces.next()
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) {
        if let waiting = publisher.settle(exchange) {
            let waited = loop.nowNanoseconds &- waiting.requestAtNanoseconds
            context.telemetry.expired(typeIndex: waiting.typeIndex, after: waited)
        }
        return (context.answers.head(of: .deadlineExceeded), context.answers.body(of: .deadlineExceeded))
    }

    func abandoned(_ exchange: Exchange) {
        _ = publisher.settle(exchange)
        context.telemetry.abandoned()
    }

    func refused(_ refusal: Refusal, from client: ClientAddress, because reason: String?) -> (ResponseHead, [UInt8]) {
        context.telemetry.refused(DeliveryOutcome(refusal), refusal, client: client, because: reason)
        return context.answers.answer(to: refusal)
    }

    func acceptPaused(_ reason: AcceptPause) { context.telemetry.acceptPaused(reason) }

    func ended() { publisher.end() }
}

/// Makes trace ids. They must differ, not be unguessable, and the system's generator costs a system call per number: so
/// xoshiro256** (public domain; Blackman and Vigna), seeded by the system once per loop.
struct TraceSource {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init() {
        var system = SystemRandomNumberGenerator()
        state = (system.next(), system.next(), system.next(), system.next() | 1)
    }

    mutating func next() -> TraceContext {
        var random = InlineArray<24, UInt8>(repeating: 0)
        for word in 0..<3 {
            var number = nextWord()
            for byte in 0..<8 {
                random[word &* 8 &+ byte] = UInt8(truncatingIfNeeded: number)
                number &>>= 8
            }
        }
        return TraceContext(random: random)
    }

    private mutating func nextWord() -> UInt64 {
        let result = Self.rotated(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 &<< 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotated(state.3, by: 45)
        return result
    }

    private static func rotated(_ value: UInt64, by count: UInt64) -> UInt64 {
        value &<< count | value &>> (64 &- count)
    }
}
