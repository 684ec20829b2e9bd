import HTTPFraming

/// Accepting and closing.
extension EventLoop {
    // Limit: connections accepted in one turn, so that a burst does not hold up the ones that are open.
    private static let acceptsPerTurn = 64
    private static let acceptPause: UInt64 = 100_000_000
    // Limit: idle connections looked at to find one that may be closed for a new one.
    private static let evictionTriesMax = 4
    // Limit: buffers kept for later; more are needed only while that many connections are within a request.
    private static let freeIntakesMax = 64

    var canAccept: Bool {
        listener >= 0 && (acceptPausedUntil == 0 || nowNanoseconds >= acceptPausedUntil)
    }

    func acceptConnections() {
        guard mayAccept, canAccept else { return }
        acceptPausedUntil = 0
        for _ in 0..<Self.acceptsPerTurn {
            if openCount >= connectionsMax {
                // Nobody is sent away for a client that is not there.
                guard Socket.hasClient(listener) else {
                    mayAccept = false
                    return
                }
                guard closeOldestIdle() else { return pauseAccepting(.connectionsMax) }
            }
            switch Socket.accept(listener) {
            case .connection(let socket, let client): admit(socket, client)
            case .skipped: continue
            case .none:
                mayAccept = false
                return
            case .exhausted:
                if !closeOldestIdle() {
                    return pauseAccepting(.openFiles)
                }
            }
        }
    }

    /// Leaves new clients in the kernel's backlog until a connection closes, or a moment has passed.
    private func pauseAccepting(_ reason: AcceptPause) {
        acceptPausedUntil = nowNanoseconds + Self.acceptPause
        counters.acceptPauses.add(1)
        handler?.acceptPaused(reason)
    }

    private func admit(_ socket: Int32, _ client: ClientAddress) {
        if let addresses = control.addresses, !addresses.take(client) {
            // An answer would cost more than the client is granted, and a load balancer tries again elsewhere.
            Socket.close(socket)
            _ = handler?.refused(.tooManyConnections, from: client, because: nil)
            return
        }
        open(socket, client)
    }

    private func open(_ socket: Int32, _ client: ClientAddress) {
        let connection = freeConnection()
        connection.generation &+= 1
        let tag = EventSet.Tag.connection(slot: connection.slot, generation: connection.generation)
        guard events.add(socket, tag, writes: true) else {
            freeSlots.append(connection.slot)
            control.addresses?.giveBack(client)
            return Socket.close(socket)
        }
        connection.open(socket, client)
        openCount += 1
        counters.connectionsAccepted.add(1)
        counters.connectionsOpen.add(1)
        if let tls {
            beginHandshake(connection, tls)
        } else {
            deadlines.set(connection.slot, .head, now: nowNanoseconds)
        }
    }

    private func freeConnection() -> Connection {
        if let slot = freeSlots.popLast() {
            return connections[slot]
        }
        let connection = Connection(slot: connections.count)
        connections.append(connection)
        deadlines.grow(to: connections.count)
        return connection
    }

    /// Makes room for a new client. A connection whose next request is already there is served instead.
    private func closeOldestIdle() -> Bool {
        for _ in 0..<Self.evictionTriesMax {
            guard let slot = deadlines.oldest(.idle) else { return false }
            let connection = connections[slot]
            guard Socket.hasBytes(connection.socket) else {
                close(connection)
                return true
            }
            connection.markReadable()
            serve(connection)
        }
        return false
    }

    /// The connection is over, answered or not.
    func close(_ connection: Connection) {
        guard connection.phase != .closed else { return }
        connection.phase = .closed
        // From here on the events of this client are told apart from those of the slot's next one.
        connection.generation &+= 1
        deadlines.cancel(connection.slot)
        if let intake = connection.intake {
            intake.dropAll()
            release(intake, of: connection)
        }
        connection.output = []
        connection.outputSent = 0
        connection.stream = nil
        connection.tls?.sendCloseNotify()
        connection.tls = nil
        Socket.close(connection.socket)
        control.addresses?.giveBack(connection.client)
        connection.socket = -1
        freeSlots.append(connection.slot)
        openCount -= 1
        counters.connectionsOpen.add(-1)
        acceptPausedUntil = 0
    }

    /// The client is gone, or cut off.
    func abandon(_ connection: Connection) {
        let exchange = connection.exchange
        let stream = connection.stream
        if exchange != 0 {
            forgetExchange(of: connection)
        }
        close(connection)
        if let stream {
            if !stream.isEnded { stream.onEvent(.gone) }
        } else if exchange != 0 {
            handler?.abandoned(Exchange(rawValue: exchange))
        }
    }

    func forgetExchange(of connection: Connection) {
        connection.exchange = 0
        pendingCount -= 1
        counters.requestsPending.add(-1)
    }

    /// A buffer for a connection that has bytes to read.
    func intake(of connection: Connection) -> Intake {
        if let intake = connection.intake {
            return intake
        }
        let intake = spareIntake.take() ?? freeIntakes.popLast() ?? Intake(limits: limits)
        connection.intake = intake
        return intake
    }

    /// Takes an empty buffer back. Those that grew for a large body are freed.
    func release(_ intake: Intake, of connection: Connection) {
        connection.intake = nil
        intake.parser.reset()
        guard !intake.hasGrown else { return }
        if spareIntake == nil {
            spareIntake = intake
        } else if freeIntakes.count < Self.freeIntakesMax {
            freeIntakes.append(intake)
        }
    }
}
