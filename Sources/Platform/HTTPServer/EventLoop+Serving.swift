import HTTPFraming

/// From a ready socket to a request in the handler's hands.
extension EventLoop {
    // Limit: reads of one connection in one turn; one that has more waits until the others had theirs.
    private static let readsPerTurn = 16
    // Limit: pipelined requests of one connection in one turn.
    private static let requestsPerTurn = 32

    func handle(_ connection: Connection, _ readiness: EventSet.Readiness) {
        if readiness.isBroken {
            return abandon(connection)
        }
        if readiness.isHalfClosed {
            connection.isHalfClosed = true
            connection.tls?.isHalfClosed = true
        }
        if readiness.isReadable {
            connection.markReadable()
        } else if let tls = connection.tls, tls.readWaitsForRoom {
            connection.isReadable = true
        }
        switch connection.phase {
        case .handshake:
            shakeHands(connection)
        case .head, .body, .discarding:
            if connection.isReadable {
                serve(connection)
            }
        case .writing:
            if readiness.isWritable {
                continueWriting(connection)
            }
        case .streaming:
            if readiness.isWritable, let stream = connection.stream {
                flushStream(connection, stream)
            }
        case .lingering:
            linger(connection)
        case .pending, .closed:
            break
        }
    }

    /// Reads and parses as long as there is something to do, then sets the deadline of what is awaited.
    func serve(_ connection: Connection) {
        var reads = Self.readsPerTurn
        var requests = Self.requestsPerTurn
        while connection.phase.reads {
            if connection.hasUnseen {
                guard requests > 0 else { return enqueue(connection) }
                requests -= 1
                parse(connection)
            } else if connection.isReadable {
                guard reads > 0 else { return enqueue(connection) }
                reads -= 1
                receive(connection)
            } else {
                return rest(connection)
            }
        }
    }

    func enqueue(_ connection: Connection) {
        guard !connection.isQueued else { return }
        connection.isQueued = true
        queue.append(connection)
    }

    /// Nothing more to do until the client sends: sets the deadline and gives back an empty buffer.
    func rest(_ connection: Connection) {
        switch connection.phase {
        case .head:
            if let intake = connection.intake, !intake.isEmpty {
                // The deadline of a head runs from its first byte, so it is set once.
                awaitMore(connection, .head)
            } else if connection.needsDeadline {
                awaitMore(connection, .idle)
            }
        case .body, .discarding:
            awaitMore(connection, .body)
        case .closed, .handshake, .pending, .writing, .streaming, .lingering:
            break
        }
    }

    /// Sets a deadline, unless the same one runs already for the same request.
    private func awaitMore(_ connection: Connection, _ kind: Deadlines.Kind) {
        if connection.needsDeadline || deadlines.kind(of: connection.slot) != kind {
            deadlines.set(connection.slot, kind, now: nowNanoseconds)
        }
        connection.needsDeadline = false
    }

    private func receive(_ connection: Connection) {
        let intake = intake(of: connection)
        intake.makeRoom(requestBytes: wantedBytes(connection, intake))
        let (transfer, filled) = intake.receive(from: connection)
        switch transfer {
        case .bytes(0):
            connection.isReadable = false
            receiveEnd(connection)
        case .bytes(let count):
            counters.bytesIn.add(count)
            connection.hasUnseen = true
            // A short read has emptied the socket: only a half-closed one is read once more, to see its end.
            connection.isReadable = filled || connection.isHalfClosed
        case .wouldBlock:
            connection.isReadable = false
            giveBackIfEmpty(connection)
        case .failed:
            abandon(connection)
        }
    }

    /// How many bytes the buffer has to hold for the request that is being read.
    private func wantedBytes(_ connection: Connection, _ intake: Intake) -> Int {
        switch connection.phase {
        case .body where intake.parser.isChunked:
            // Limit: the decoded body plus room for the framing between two reads.
            intake.parser.headEnd + connection.bodyBytesMax + 4096
        case .body:
            intake.parser.headEnd + intake.parser.declaredBytes
        default:
            limits.headBytesMax
        }
    }

    /// The client sends no more. Between two requests this is the usual end.
    private func receiveEnd(_ connection: Connection) {
        if connection.phase == .discarding || (connection.intake?.isEmpty ?? true) {
            close(connection)
        } else {
            refuse(connection, .truncated)
        }
    }

    private func parse(_ connection: Connection) {
        guard let intake = connection.intake else {
            connection.hasUnseen = false
            return
        }
        if connection.phase == .discarding {
            return discard(connection, intake)
        }
        let step = connection.phase == .head ? intake.parseHead() : intake.parseBody()
        switch step {
        case .needMore:
            connection.hasUnseen = false
        case .refused(let refusal):
            refuse(connection, refusal)
        case .done:
            if connection.phase == .head {
                decide(connection, intake)
            } else {
                deliver(connection, intake)
            }
        }
    }

    private func decide(_ connection: Connection, _ intake: Intake) {
        connection.served += 1
        connection.keepsAlive =
            intake.parser.keepsAlive && connection.served != limits.requestsPerConnectionMax
        connection.isHTTP10 = intake.parser.isHTTP10
        counters.requests.add(1)
        guard let handler else { return }
        let decision = intake.withHead { head in
            connection.isHEAD = head.isHEAD
            return handler.decide(head)
        }
        switch decision {
        case .read(let bodyBytesMax):
            readBody(connection, intake, bodyBytesMax: bodyBytesMax)
        case .refuse(let answer, let body):
            answerWithoutBody(connection, intake, answer, body)
        }
    }

    private func readBody(_ connection: Connection, _ intake: Intake, bodyBytesMax: Int) {
        do throws(Refusal) {
            try intake.parser.beginBody(bytesMax: bodyBytesMax)
        } catch {
            return refuse(connection, error)
        }
        connection.phase = .body
        connection.bodyBytesMax = bodyBytesMax
        if !intake.parser.isChunked, intake.count >= intake.parser.requestEnd {
            deliver(connection, intake)
        } else if intake.parser.expectsContinue, intake.count == intake.parser.headEnd {
            connection.hasUnseen = false
            sendContinue(connection)
        }
    }

    /// The handler gets the whole request; its bytes are gone when it returns, answered or not.
    private func deliver(_ connection: Connection, _ intake: Intake) {
        guard let handler else { return close(connection) }
        exchangeNumber &+= 1
        let exchange = Exchange(number: exchangeNumber, slot: connection.slot)
        connection.exchange = exchange.rawValue
        connection.phase = .pending
        pendingCount += 1
        counters.requestsPending.add(1)

        connection.isHandling = true
        intake.withRequest(from: connection.client) { handler.handle($0, exchange) }
        connection.isHandling = false

        finishReading(connection, intake)
        if connection.stream != nil {
            carryOnStream(connection)
        } else if connection.exchange != 0 {
            deadlines.set(connection.slot, .answer, now: nowNanoseconds)
        } else {
            finishAnswer(connection)
        }
    }

    /// The request's bytes are done with. What follows them stays for the next one.
    private func finishReading(_ connection: Connection, _ intake: Intake) {
        intake.drop(intake.parser.requestEnd)
        beginReading(connection, intake)
    }

    /// What is left in the buffer belongs to the next request. An empty one is given back, which resets its parser.
    private func beginReading(_ connection: Connection, _ intake: Intake) {
        connection.hasUnseen = !intake.isEmpty
        if connection.hasUnseen {
            intake.parser.reset()
        } else {
            giveBackIfEmpty(connection)
        }
    }

    func giveBackIfEmpty(_ connection: Connection) {
        if let intake = connection.intake, intake.isEmpty {
            release(intake, of: connection)
        }
    }

    private func answerWithoutBody(
        _ connection: Connection,
        _ intake: Intake,
        _ answer: ResponseHead,
        _ body: [UInt8]
    ) {
        let declared = intake.parser.declaredBytes
        let isHere = intake.count >= intake.parser.headEnd + declared
        if intake.parser.isChunked || declared > limits.discardBytesMax
            || (declared > 0 && intake.parser.expectsContinue && !isHere)
        {
            connection.keepsAlive = false
        } else {
            connection.discardBytes = declared
        }
        intake.drop(intake.parser.headEnd)
        beginReading(connection, intake)
        write(connection, answer, body: body.span)
        finishAnswer(connection)
    }

    private func discard(_ connection: Connection, _ intake: Intake) {
        let count = min(connection.discardBytes, intake.count)
        intake.drop(count)
        connection.discardBytes -= count
        connection.hasUnseen = !intake.isEmpty
        giveBackIfEmpty(connection)
        if connection.discardBytes == 0 {
            beginNextRequest(connection)
        }
    }
}
