import HTTPFraming

/// What happens when time is up.
extension EventLoop {
    func expireDeadlines() {
        guard deadlines.earliestNanoseconds <= nowNanoseconds else { return }
        while let (slot, kind) = deadlines.takeExpired(now: nowNanoseconds) {
            expire(connections[slot], kind)
        }
    }

    private func expire(_ connection: Connection, _ kind: Deadlines.Kind) {
        counters.connectionsExpired.add(1)
        switch kind {
        case .head:
            // Bytes that have come but could not be looked at yet count as a head that has begun.
            if let intake = connection.intake, !intake.isEmpty {
                refuse(connection, .slowHead)
            } else {
                close(connection)
            }
        case .body:
            if connection.phase == .discarding {
                close(connection)
            } else {
                refuse(connection, .slowBody)
            }
        case .answer:
            expireExchange(connection)
        case .write:
            _ = handler?.refused(.slowReader, from: connection.client, because: nil)
            abandon(connection)
        case .handshake:
            _ = handler?.refused(.slowHandshake, from: connection.client, because: nil)
            close(connection)
        case .idle:
            closeIdle(connection)
        case .linger:
            close(connection)
        }
    }

    private func expireExchange(_ connection: Connection) {
        let exchange = connection.exchange
        guard exchange != 0, let handler else { return }
        forgetExchange(of: connection)
        let (head, body) = handler.expired(Exchange(rawValue: exchange))
        connection.keepsAlive = false
        connection.isRefused = true
        write(connection, head, body: body.span)
        finishAnswer(connection)
    }
}
