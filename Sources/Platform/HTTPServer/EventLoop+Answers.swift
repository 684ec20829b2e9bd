import HTTPFraming

/// From an answer to bytes in the socket, and what becomes of the connection then.
extension EventLoop {
    /// Answers an exchange, now or later, in any order. An exchange that is over, because its client left or its
    /// deadline passed, is ignored.
    package func respond(_ exchange: Exchange, _ head: ResponseHead, body: Span<UInt8>) {
        guard exchange.slot < connections.count else { return }
        let connection = connections[exchange.slot]
        guard connection.exchange == exchange.rawValue else { return }
        forgetExchange(of: connection)
        write(connection, head, body: body)
        // From within the handler's call the request's bytes are still in use; its caller goes on when they are not.
        guard !connection.isHandling else { return }
        finishAnswer(connection)
        goOn(connection)
    }

    /// After an answer that did not come from `serve`: what has come meanwhile is served at the end of the turn.
    func goOn(_ connection: Connection) {
        guard connection.phase.reads else { return }
        if connection.hasUnseen || connection.isReadable {
            enqueue(connection)
        } else {
            rest(connection)
        }
    }

    /// Puts the answer together and sends what the socket takes.
    func write(_ connection: Connection, _ head: ResponseHead, body: Span<UInt8>) {
        let closes = head.closes || !connection.keepsAlive || isDraining
        connection.closesAfterAnswer = closes
        answer.begin(room: head.bytes.count + body.count + 160)
        answer.append(head.bytes)
        answer.append(date.line(now: nowNanoseconds))
        if !head.hasNoBody {
            answer.append("Content-Length: ")
            answer.append(decimal: body.count)
            answer.append("\r\n")
        }
        if closes {
            answer.append("Connection: close\r\n")
        } else if connection.isHTTP10 {
            answer.append("Connection: keep-alive\r\n")
        }
        answer.append("\r\n")
        if !connection.isHEAD, !head.hasNoBody {
            answer.append(body)
        }
        send(connection)
    }

    /// Tells a client that waits for it to send its body. It is small and first in the socket's buffer, so it fits.
    func sendContinue(_ connection: Connection) {
        answer.begin(room: 32)
        answer.append("HTTP/1.1 100 Continue\r\n\r\n")
        send(connection)
        if connection.isBroken || !connection.output.isEmpty {
            abandon(connection)
        }
    }

    private func send(_ connection: Connection) {
        switch answer.send(to: connection) {
        case .bytes(let count):
            counters.bytesOut.add(count)
            if count < answer.count {
                connection.output = answer.rest(from: count)
                connection.outputSent = 0
            }
        case .wouldBlock:
            connection.output = answer.rest(from: 0)
            connection.outputSent = 0
        case .failed:
            connection.isBroken = true
        }
    }

    enum Sent {
        case all, some, failed
    }

    /// The socket takes more of an answer that did not fit.
    func continueWriting(_ connection: Connection) {
        switch sendOutput(connection) {
        case .all:
            finishAnswer(connection)
            if connection.phase.reads {
                serve(connection)
            }
        case .some:
            break
        case .failed:
            abandon(connection)
        }
    }

    /// Sends what the socket takes of the connection's output; once all is sent, the output is empty.
    func sendOutput(_ connection: Connection) -> Sent {
        let rest = connection.output.count - connection.outputSent
        let transfer = connection.output.withUnsafeBytes { bytes -> Socket.Transfer in
            guard let base = bytes.baseAddress else { return .bytes(0) }
            return connection.send(base + connection.outputSent, rest)
        }
        switch transfer {
        case .bytes(let count):
            counters.bytesOut.add(count)
            connection.outputSent += count
            guard count == rest else { return .some }
            connection.output = []
            connection.outputSent = 0
            return .all
        case .wouldBlock:
            return .some
        case .failed:
            return .failed
        }
    }

    /// The answer was handed to the socket, or to the connection's output: goes on to what is next.
    func finishAnswer(_ connection: Connection) {
        if connection.isBroken {
            abandon(connection)
        } else if !connection.output.isEmpty {
            connection.phase = .writing
            deadlines.set(connection.slot, .write, now: nowNanoseconds)
        } else if connection.closesAfterAnswer {
            closeAnswered(connection)
        } else if connection.discardBytes > 0 {
            connection.phase = .discarding
        } else {
            beginNextRequest(connection)
        }
    }

    func beginNextRequest(_ connection: Connection) {
        connection.beginRequest()
        connection.phase = .head
        connection.needsDeadline = !connection.hasUnseen
        if connection.hasUnseen {
            deadlines.set(connection.slot, .head, now: nowNanoseconds)
        }
    }

    /// The server itself turns a request down. Nothing behind it is looked at.
    func refuse(_ connection: Connection, _ refusal: Refusal, because reason: String? = nil) {
        guard let handler else { return close(connection) }
        let (head, body) = handler.refused(refusal, from: connection.client, because: reason)
        connection.keepsAlive = false
        connection.isRefused = true
        connection.hasUnseen = false
        if let intake = connection.intake {
            intake.dropAll()
            release(intake, of: connection)
        }
        write(connection, head, body: body.span)
        finishAnswer(connection)
    }

    /// Closes after the last answer. Closing a socket that has unread bytes, or gets some, makes the kernel send a
    /// reset that can destroy the answer on its way; so the sending side is shut first, and what comes is thrown away
    /// until the client closes, or the deadline or the bound of bytes is reached.
    private func closeAnswered(_ connection: Connection) {
        connection.hasUnseen = false
        if let intake = connection.intake {
            connection.isRefused = connection.isRefused || !intake.isEmpty
            intake.dropAll()
            release(intake, of: connection)
        }
        let clientIsDone = connection.isHalfClosed || !connection.keepsAlive
        if clientIsDone, !connection.isRefused, !connection.isReadable || connection.isHalfClosed {
            return close(connection)
        }
        shutAndLinger(connection)
    }

    /// Closes between two requests. While a part of the last answer is still on its way, a client that sends more would
    /// get a reset in its place.
    func closeIdle(_ connection: Connection) {
        guard Socket.hasUndelivered(connection.socket) else { return close(connection) }
        shutAndLinger(connection)
    }

    private func shutAndLinger(_ connection: Connection) {
        connection.phase = .lingering
        connection.tls?.sendCloseNotify()
        Socket.shutdownWrites(connection.socket)
        deadlines.set(connection.slot, .linger, now: nowNanoseconds)
        linger(connection)
    }

    /// Reads and throws away.
    func linger(_ connection: Connection) {
        let intake = intake(of: connection)
        defer {
            if connection.phase == .lingering {
                release(intake, of: connection)
            }
        }
        while connection.isReadable {
            switch intake.receive(from: connection).transfer {
            case .bytes(let count) where count > 0 && connection.lingerBytes < limits.lingerBytesMax:
                connection.lingerBytes += count
                intake.dropAll()
            case .wouldBlock:
                connection.isReadable = false
            case .bytes, .failed:
                intake.dropAll()
                return close(connection)
            }
        }
    }
}
