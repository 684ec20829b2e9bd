import HTTPFraming

/// From an accepted socket to an agreed TLS session.
extension EventLoop {
    func beginHandshake(_ connection: Connection, _ identity: TLSIdentity) {
        guard let session = TLSSession(identity.context, socket: connection.socket) else { return close(connection) }
        connection.tls = session
        connection.phase = .handshake
        deadlines.set(connection.slot, .handshake, now: nowNanoseconds)
    }

    /// The client has sent something, or its socket takes more.
    func shakeHands(_ connection: Connection) {
        guard let tls = connection.tls else { return }
        switch tls.handshake() {
        case .waits:
            break
        case .done:
            count(tls)
            connection.phase = .head
            deadlines.set(connection.slot, .head, now: nowNanoseconds)
            connection.isReadable = tls.mayHaveMore
            serve(connection)
        case .left:
            close(connection)
        case .failed(let refusal, let reason):
            counters.handshakesFailed.add(1)
            refuseHandshake(connection, refusal, reason)
        }
    }

    private func count(_ tls: TLSSession) {
        if tls.isTLS13 {
            counters.handshakesTLS13.add(1)
        } else {
            counters.handshakesTLS12.add(1)
        }
        if tls.isResumed {
            counters.handshakesResumed.add(1)
        }
    }

    /// A client that speaks plain HTTP is answered in it; any other has got an alert.
    private func refuseHandshake(_ connection: Connection, _ refusal: Refusal, _ reason: String) {
        connection.tls = nil
        guard refusal != .plaintextOnTLSPort else { return refuse(connection, refusal, because: reason) }
        _ = handler?.refused(refusal, from: connection.client, because: reason)
        connection.isRefused = true
        connection.closesAfterAnswer = true
        finishAnswer(connection)
    }

    /// The subject of the verified certificate that the client of an open exchange has shown, as RFC 4514 writes it;
    /// nil when none was asked for.
    package func clientSubject(of exchange: Exchange) -> String? {
        guard exchange.slot < connections.count else { return nil }
        let connection = connections[exchange.slot]
        return connection.exchange == exchange.rawValue ? connection.tls?.clientSubject : nil
    }
}
