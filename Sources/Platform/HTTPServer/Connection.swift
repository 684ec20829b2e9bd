import HTTPFraming

/// One slot of a loop, with or without a client's connection: passes requests to the handler, and sends their answers.
/// Confined to the loop's thread.
final class Connection {
    private enum Phase {
        case closed, proxyHeader, handshake, reading, pending, writing, streaming
        /// Answered and shut; reading on so that the client sees the answer.
        case lingering
    }

    let slot: Int
    /// Changes with each client, so that late events of an earlier one are recognized.
    private(set) var generation: UInt32 = 0
    private(set) var stream: StreamedAnswer?

    private let loop: EventLoop
    // Safety: exclusivity is not checked while running, for speed. It holds because neither calls back into this class.
    @exclusivity(unchecked) private var transport: Transport
    @exclusivity(unchecked) private var reader: RequestReader
    private var client = ClientAddress.unix
    private var phase = Phase.closed
    /// The exchange that waits for its answer; 0 when none does.
    private var exchange: UInt64 = 0
    private var isBroken = false
    private var isHandling = false
    private var isQueued = false
    /// A request has ended since the deadline was set: the next wait has one of its own.
    private var needsDeadline = false
    private var served = 0

    /// The server refused; nothing that follows is looked at.
    private var isRefused = false
    @exclusivity(unchecked) private var request = ServedRequest()

    init(slot: Int, loop: EventLoop, intakes: IntakePool) {
        self.slot = slot
        self.loop = loop
        transport = Transport(loop.counters)
        reader = RequestReader(intakes)
    }

    /// What marks the events of the slot's next client.
    func nextTag() -> EventSet.Tag {
        generation &+= 1
        return .connection(slot: slot, generation: generation)
    }

    func open(_ socket: Int32, _ client: ClientAddress) {
        transport.open(socket)
        self.client = client
        isBroken = false
        isRefused = false
        needsDeadline = false
        served = 0
        request = ServedRequest()
        loop.setDeadline(slot, .head)
        if loop.proxyHeaders == nil { begin() } else { phase = .proxyHeader }
    }

    /// The client's own bytes are next. The deadline of a first head without TLS runs already.
    private func begin() {
        phase = .reading
        guard let identity = loop.tls else { return }
        guard transport.beginTLS(identity) else { return close() }
        phase = .handshake
        loop.setDeadline(slot, .handshake)
    }

    func handle(_ readiness: EventSet.Readiness) {
        if readiness.isBroken { return abandon() }
        transport.note(readiness)
        switch phase {
        case .proxyHeader where transport.isReadable: readProxyHeader()
        case .handshake: continueHandshake()
        case .reading where transport.isReadable: serve()
        case .writing where readiness.isWritable: continueWriting()
        case .streaming where readiness.isWritable: stream?.flush()
        case .lingering: linger()
        case .closed, .proxyHeader, .reading, .pending, .writing, .streaming: break
        }
    }

    private func readProxyHeader() {
        guard let headers = loop.proxyHeaders else { return }
        switch transport.receiveProxyHeader(with: headers) {
        case .header(let header, _): begin(for: header.source)
        case .waits: break
        case .ended, .failed: close()
        case .refused(let refusal):
            _ = loop.handler?.refused(refusal, from: client, because: nil)
            close()
        case .refusedRequest(let refusal): refuse(refusal)
        }
    }

    /// The client that a trusted proxy has named, or the proxy itself. From here on it counts as the connection's.
    private func begin(for source: ProxyHeader.Source?) {
        if let named = source.map({ ClientAddress($0) }) {
            // The proxy was not counted: what is given back when the connection closes is the client's only if taken.
            guard loop.grants(named) else {
                _ = loop.handler?.refused(.tooManyConnections, from: named, because: nil)
                return close()
            }
            client = named
        }
        begin()
        guard transport.isReadable else { return }
        if phase == .handshake { continueHandshake() } else { serve() }
    }

    /// The client has sent something, or its socket takes more.
    private func continueHandshake() {
        switch transport.handshake() {
        case .waits: break
        case .left: close()
        case .done:
            phase = .reading
            loop.setDeadline(slot, .head)
            serve()
        case .failed(.plaintextOnTLSPort, let reason):
            // It is answered in what it speaks; any other client has got an alert.
            refuse(.plaintextOnTLSPort, because: reason)
        case .failed(let refusal, let reason):
            _ = loop.handler?.refused(refusal, from: client, because: reason)
            isRefused = true
            request.closesAfterAnswer = true
            finishAnswer()
        }
    }

    var clientSubject: String? { transport.clientSubject }

    /// Serves what has come, then sets the deadline of what is awaited.
    private func serve() {
        var budget = RequestReader.Budget()
        while phase == .reading {
            switch reader.next(from: &transport, &budget) {
            case .head(let intake): decide(intake)
            case .request(let intake): deliver(intake)
            case .discarded: beginNextRequest()
            case .refused(let refusal): refuse(refusal)
            case .waits: return rest()
            case .spent: return enqueue()
            case .ended: close()
            case .failed: abandon()
            }
        }
    }

    private func enqueue() {
        if !isQueued { loop.enqueue(self) }
        isQueued = true
    }

    func serveQueued() {
        isQueued = false
        serve()
    }

    /// Nothing more to do until the client sends: sets the deadline, unless the same one runs already for the same
    /// request. That of a head runs from its first byte.
    private func rest() {
        let kind: Deadlines.Kind = !reader.isAtHead ? .body : reader.isEmpty ? .idle : .head
        guard needsDeadline || (kind != .idle && loop.deadlineKind(of: slot) != kind) else { return }
        loop.setDeadline(slot, kind)
        needsDeadline = false
    }

    private func decide(_ intake: Intake) {
        served += 1
        request.keepsAlive = intake.parser.keepsAlive && served != loop.limits.requestsPerConnectionMax
        request.isHTTP10 = intake.parser.isHTTP10
        loop.counters.requests.add(1)
        guard let handler = loop.handler else { return }
        let decision = intake.withHead { head in
            request.isHEAD = head.isHEAD
            return handler.decide(head, from: client)
        }
        switch decision {
        case .read(let bodyBytesMax): readBody(intake, bytesMax: bodyBytesMax)
        case .refuse(let answer, let body):
            request.keepsAlive = reader.skipBody(intake) && request.keepsAlive
            write(answer, body: body.span)
            finishAnswer()
        }
    }

    private func readBody(_ intake: Intake, bytesMax: Int) {
        do throws(Refusal) {
            switch try reader.beginBody(intake, bytesMax: bytesMax) {
            case .complete: deliver(intake)
            case .incomplete: break
            case .awaitsContinue: sendContinue()
            }
        } catch {
            refuse(error)
        }
    }

    /// The handler gets the whole request; its bytes are gone when it returns, answered or not.
    private func deliver(_ intake: Intake) {
        guard let handler = loop.handler else { return close() }
        let exchange = loop.nextExchange(slot)
        self.exchange = exchange.rawValue
        phase = .pending
        loop.counters.requestsPending.add(1)

        isHandling = true
        intake.withRequest(from: client) { handler.handle($0, exchange) }
        isHandling = false

        reader.finishRequest(intake)
        if stream != nil {
            beginStreaming()
        } else if self.exchange != 0 {
            loop.setDeadline(slot, .answer)
        } else {
            finishAnswer()
        }
    }

    func isServing(_ exchange: Exchange) -> Bool { self.exchange == exchange.rawValue }

    func respond(_ head: ResponseHead, body: Span<UInt8>) {
        forgetExchange()
        if head.proves { reader.isProven = true }
        write(head, body: body)
        // From within the handler's call the request's bytes are still in use; its caller goes on when they are not.
        guard !isHandling else { return }
        finishAnswer()
        resume()
    }

    private func forgetExchange() {
        exchange = 0
        loop.counters.requestsPending.add(-1)
    }

    /// After an answer that did not come from `serve`: what has come meanwhile is served at the end of the turn.
    private func resume() {
        guard phase == .reading else { return }
        if reader.hasUnseen || transport.isReadable { enqueue() } else { rest() }
    }

    private func write(_ head: ResponseHead, body: Span<UInt8>) {
        request.closesAfterAnswer = head.closes || !request.keepsAlive || loop.isDraining
        loop.answer.compose(head, body: body, for: request, now: loop.nowNanoseconds)
        sendAnswer()
    }

    private func sendAnswer() { if !transport.send(loop.answer) { isBroken = true } }

    /// Tells a client that waits for it to send its body. It is small and first in the socket's buffer, so it fits.
    private func sendContinue() {
        loop.answer.composeContinue()
        sendAnswer()
        if isBroken || transport.heldBytes > 0 { abandon() }
    }

    /// The socket takes more of an answer that did not fit.
    private func continueWriting() {
        switch transport.sendHeld() {
        case .all:
            finishAnswer()
            serve()
        case .some: break
        case .failed: abandon()
        }
    }

    /// The answer was handed to the socket, or is held: goes on to what is next.
    private func finishAnswer() {
        if isBroken {
            abandon()
        } else if transport.heldBytes > 0 {
            phase = .writing
            loop.setDeadline(slot, .write)
        } else if request.closesAfterAnswer {
            closeAnswered()
        } else {
            beginNextRequest()
        }
    }

    private func beginNextRequest() {
        phase = .reading
        guard reader.beginNextRequest() else { return }
        request = ServedRequest()
        needsDeadline = !reader.hasUnseen
        if reader.hasUnseen { loop.setDeadline(slot, .head) }
    }

    func beginStream(_ head: ResponseHead, onEvent: @escaping (StreamEvent) -> Void) -> Bool {
        precondition(!head.hasNoBody, "An answer without a body is not streamed.")
        guard stream == nil else { return false }
        request.closesAfterAnswer = head.closes || !request.keepsAlive || loop.isDraining || request.isHTTP10
        let stream = StreamedAnswer(
            on: self,
            of: loop,
            bytesMax: loop.limits.streamBytesMax,
            isChunked: !request.isHTTP10,
            onEvent: onEvent
        )
        self.stream = stream
        transport.hold(loop.answer.streamHead(head, for: request, now: loop.nowNanoseconds))
        if request.isHEAD { stream.endWithoutBody() }
        if !isHandling { beginStreaming() }
        stream.enqueue()
        return !request.isHEAD
    }

    /// The handler has returned, or the stream began outside of it: the connection belongs to the stream.
    private func beginStreaming() {
        phase = .streaming
        loop.cancelDeadline(slot)
    }

    /// Bytes of the stream that the socket has yet to take.
    var heldBytes: Int { transport.heldBytes }

    /// Sends what the socket takes of the stream: what is held, else the bytes that are new.
    func send(_ new: () -> [UInt8]) -> Transport.Sent {
        if transport.heldBytes == 0 { transport.hold(new()) }
        let sent = transport.sendHeld()
        switch sent {
        case .failed: abandon()
        case .all: loop.cancelDeadline(slot)
        case .some:
            // The deadline runs from the first byte that did not fit, so it is set once.
            if loop.deadlineKind(of: slot) != .write { loop.setDeadline(slot, .write) }
        }
        return sent
    }

    func closeAfterAnswer() { request.closesAfterAnswer = true }

    func finishStream() {
        stream = nil
        forgetExchange()
        finishAnswer()
        resume()
    }

    /// The server itself turns a request down. Nothing behind it is looked at.
    private func refuse(_ refusal: Refusal, because reason: String? = nil) {
        guard let handler = loop.handler else { return close() }
        let (head, body) = handler.refused(refusal, from: client, because: reason)
        reader.dropAll()
        writeLast(head, body)
    }

    private func writeLast(_ head: ResponseHead, _ body: [UInt8]) {
        request.keepsAlive = false
        isRefused = true
        write(head, body: body.span)
        finishAnswer()
    }

    func expire(_ kind: Deadlines.Kind) {
        loop.counters.connectionsExpired.add(1)
        switch kind {
        case .head where phase == .proxyHeader:
            if transport.hasBytes { _ = loop.handler?.refused(.slowHead, from: client, because: nil) }
            close()
        case .head:
            // Bytes that have come but could not be looked at yet count as a head that has begun.
            if reader.isEmpty { close() } else { refuse(.slowHead) }
        case .body: if reader.isDiscarding { close() } else { refuse(.slowBody) }
        case .answer:
            guard exchange != 0, let handler = loop.handler else { return }
            let expired = Exchange(rawValue: exchange)
            forgetExchange()
            let (head, body) = handler.expired(expired)
            writeLast(head, body)
        case .write:
            _ = loop.handler?.refused(.slowReader, from: client, because: nil)
            abandon()
        case .handshake:
            _ = loop.handler?.refused(.slowHandshake, from: client, because: nil)
            close()
        case .idle: closeIdle()
        case .linger: close()
        }
    }

    /// Closes after the last answer. Closing a socket with unread bytes makes the kernel send a reset that can destroy
    /// the answer on its way; so the sending side is shut first, and bytes are discarded until the client closes, or
    /// the deadline or the byte limit is reached.
    private func closeAnswered() {
        isRefused = isRefused || !reader.isEmpty
        reader.dropAll()
        let clientIsDone = transport.isHalfClosed || !request.keepsAlive
        if clientIsDone, !isRefused, !transport.isReadable || transport.isHalfClosed { return close() }
        shutAndLinger()
    }

    /// Closes between two requests. While the last answer is on its way, a client that sends more would get a reset.
    private func closeIdle() {
        guard transport.hasUndelivered else { return close() }
        shutAndLinger()
    }

    private func shutAndLinger() {
        phase = .lingering
        transport.shutdownWrites()
        loop.setDeadline(slot, .linger)
        linger()
    }

    private func linger() { if !reader.discardAll(from: &transport) { close() } }

    /// Closes this connection to make room. False when its next request is there and was served instead.
    func evict() -> Bool {
        guard transport.hasBytes else {
            close()
            return true
        }
        transport.markReadable()
        serve()
        return false
    }

    /// Closes this connection, which is within a request, to make room. False for a known sender.
    func cutShort() -> Bool {
        guard !reader.isProven else { return false }
        _ = loop.handler?.refused(.tooManyConnections, from: client, because: nil)
        abandon()
        return true
    }

    /// The server stops: closes what has nothing to answer, and ends what would never end by itself.
    func settle() {
        if phase == .proxyHeader {
            // A last look, for what a request may follow.
            transport.markReadable()
            readProxyHeader()
        }
        switch phase {
        case .reading where reader.isAtHead:
            // A last look for a request.
            transport.markReadable()
            serve()
            if phase == .reading, reader.isAtHead, reader.isEmpty, !isQueued { closeIdle() }
        // The client has asked for nothing yet.
        case .proxyHeader, .handshake: close()
        case .streaming: stream?.stop()
        case .closed, .reading, .pending, .writing, .lingering: break
        }
    }

    /// The drain's time is up. Returns whether a request has begun whose answer has not left.
    func cutOff() -> Bool {
        let isOwedAnswer =
            switch phase {
            case .reading: reader.isAtHead ? !reader.isEmpty : !reader.isDiscarding
            case .pending, .writing, .streaming: true
            case .closed, .proxyHeader, .handshake, .lingering: false
            }
        abandon()
        return isOwedAnswer
    }

    private func abandon() {
        let exchange = exchange
        let stream = stream
        if exchange != 0 { forgetExchange() }
        close()
        if let stream {
            stream.abandon()
        } else if exchange != 0 {
            loop.handler?.abandoned(Exchange(rawValue: exchange))
        }
    }

    private func close() {
        guard phase != .closed else { return }
        phase = .closed
        // From here on the events of this client are told apart from those of the slot's next one.
        generation &+= 1
        loop.cancelDeadline(slot)
        reader.reset()
        stream = nil
        transport.close()
        loop.release(self, of: client)
    }
}
