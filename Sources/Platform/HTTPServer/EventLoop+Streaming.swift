import HTTPFraming

/// Answers whose length is not known when they begin. What is written in one turn is sent in one call at its end.
extension EventLoop {
    /// Begins an answer that the owner writes piece by piece. There is no deadline for the whole, only for the client
    /// to take what was written; a client that is gone shows when something is written, so an owner that is silent for
    /// long writes a sign of life now and then.
    ///
    /// - Returns: whether there is something to write to. A HEAD request has been answered by the head alone, and an
    ///   exchange may be over.
    package func beginStream(
        _ exchange: Exchange,
        _ head: ResponseHead,
        onEvent: @escaping (StreamEvent) -> Void
    ) -> Bool {
        precondition(!head.hasNoBody, "An answer without a body is not streamed.")
        guard let connection = connection(of: exchange), connection.stream == nil else { return false }
        let isChunked = !connection.isHTTP10
        connection.closesAfterAnswer = head.closes || !connection.keepsAlive || isDraining || !isChunked
        let stream = StreamedAnswer(isChunked: isChunked, onEvent: onEvent)
        connection.stream = stream
        connection.output = streamHead(connection, head)
        connection.outputSent = 0
        if connection.isHEAD {
            stream.isEnded = true
            _ = stream.takeFramed()
        }
        if !connection.isHandling {
            carryOnStream(connection)
        }
        queueStream(connection, stream)
        return !connection.isHEAD
    }

    /// Takes as many of the bytes as there is room for, from the first one on.
    ///
    /// - Returns: how many were taken; after fewer than there are, `room` follows when the client has taken what was
    ///   written. Nil when the answer is over.
    package func writeStream(_ exchange: Exchange, _ bytes: Span<UInt8>) -> Int? {
        guard let connection = connection(of: exchange), let stream = connection.stream, !stream.isEnded else {
            return nil
        }
        let count = min(bytes.count, streamRoom(connection, stream))
        if count < bytes.count {
            stream.awaitsRoom = true
        }
        guard count > 0 else { return 0 }
        stream.append(bytes.extracting(first: count))
        queueStream(connection, stream)
        return count
    }

    /// How many bytes a write would take now; nil when the answer is over.
    package func streamRoom(_ exchange: Exchange) -> Int? {
        guard let connection = connection(of: exchange), let stream = connection.stream, !stream.isEnded else {
            return nil
        }
        return streamRoom(connection, stream)
    }

    /// The answer is complete; its owner hears no more of it.
    package func endStream(_ exchange: Exchange) {
        guard let connection = connection(of: exchange), let stream = connection.stream else { return }
        stream.isEnded = true
        queueStream(connection, stream)
    }

    private func connection(of exchange: Exchange) -> Connection? {
        guard exchange.slot < connections.count else { return nil }
        let connection = connections[exchange.slot]
        return connection.exchange == exchange.rawValue ? connection : nil
    }

    private func streamRoom(_ connection: Connection, _ stream: StreamedAnswer) -> Int {
        max(0, limits.streamBytesMax - stream.pending.count - (connection.output.count - connection.outputSent))
    }

    private func streamHead(_ connection: Connection, _ head: ResponseHead) -> [UInt8] {
        var bytes = head.bytes
        bytes += date.line(now: nowNanoseconds)
        if !connection.isHTTP10 {
            bytes += "Transfer-Encoding: chunked\r\n".utf8
        }
        if connection.closesAfterAnswer {
            bytes += "Connection: close\r\n".utf8
        }
        return bytes + Array("\r\n".utf8)
    }

    private func queueStream(_ connection: Connection, _ stream: StreamedAnswer) {
        guard !stream.isQueued else { return }
        stream.isQueued = true
        streaming.append((connection, stream))
    }

    /// The handler has returned, or the stream began outside of it: the connection belongs to the stream.
    func carryOnStream(_ connection: Connection) {
        connection.phase = .streaming
        deadlines.cancel(connection.slot)
    }

    /// Sends what was written in this turn.
    func flushStreams() {
        guard !streaming.isEmpty else { return }
        let waiting = streaming
        streaming.removeAll(keepingCapacity: true)
        for (connection, stream) in waiting {
            stream.isQueued = false
            if connection.stream === stream {
                flushStream(connection, stream)
            }
        }
    }

    /// Also when the socket takes more.
    func flushStream(_ connection: Connection, _ stream: StreamedAnswer) {
        if connection.output.isEmpty, stream.hasNews {
            connection.output = stream.takeFramed()
            connection.outputSent = 0
        }
        guard !connection.output.isEmpty else { return endIfFramed(connection, stream) }
        switch sendOutput(connection) {
        case .failed:
            abandon(connection)
        case .some:
            // The deadline runs from the first byte that did not fit, so it is set once.
            if deadlines.kind(of: connection.slot) != .write {
                deadlines.set(connection.slot, .write, now: nowNanoseconds)
            }
        case .all:
            deadlines.cancel(connection.slot)
            endIfFramed(connection, stream)
            guard connection.stream === stream else { return }
            if stream.hasNews {
                queueStream(connection, stream)
            }
            if stream.awaitsRoom {
                stream.awaitsRoom = false
                stream.onEvent(.room)
            }
        }
    }

    private func endIfFramed(_ connection: Connection, _ stream: StreamedAnswer) {
        guard stream.isFramed else { return }
        connection.stream = nil
        forgetExchange(of: connection)
        finishAnswer(connection)
        goOn(connection)
    }

    /// Lets the owner say a last word and ends the answer.
    func stopStream(_ connection: Connection) {
        guard let stream = connection.stream, !stream.isEnded else { return }
        connection.closesAfterAnswer = true
        stream.onEvent(.stopping)
        guard connection.stream === stream else { return }
        stream.isEnded = true
        queueStream(connection, stream)
    }
}
