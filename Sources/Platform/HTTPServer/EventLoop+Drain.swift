import HTTPFraming

/// The orderly end.
extension EventLoop {
    /// Answers what was accepted, until nothing is left or the deadline has passed. Returns how many requests of which
    /// bytes were read got no answer.
    func drain() -> Int {
        stopListening()
        settle()
        while openCount > 0, nowNanoseconds < control.drainDeadline {
            turn()
            settle()
        }
        var unanswered = 0
        for connection in connections where connection.phase != .closed {
            if connection.isOwedAnswer {
                unanswered += 1
            }
            abandon(connection)
        }
        return unanswered
    }

    /// Closes what has nothing to answer, and ends what would never end by itself.
    private func settle() {
        for connection in connections {
            switch connection.phase {
            case .head: closeUnlessBegun(connection)
            // The client has asked for nothing yet.
            case .handshake: close(connection)
            case .streaming: stopStream(connection)
            case .closed, .body, .discarding, .pending, .writing, .lingering: break
            }
        }
        flushStreams()
    }

    /// Takes in what the kernel has already accepted for us, so that closing the listener resets nobody.
    private func stopListening() {
        var turns = 0
        while mayAccept, canAccept, turns < 64 {
            acceptConnections()
            turns += 1
        }
        Socket.close(listener)
        listener = -1
    }

    /// A connection without a request is closed, after a last look for one.
    private func closeUnlessBegun(_ connection: Connection) {
        connection.markReadable()
        serve(connection)
        if connection.phase == .head, connection.intake?.isEmpty ?? true, !connection.isQueued {
            closeIdle(connection)
        }
    }
}
