/// What a server has counted since its start, summed over its loops.
package struct ServerCounts: Sendable, Equatable {
    package var connectionsAccepted = 0
    package var connectionsOpen = 0
    package var requests = 0
    package var requestsPending = 0
    package var connectionsExpired = 0
    package var acceptPauses = 0
    /// Full handshakes and resumed ones alike.
    package var handshakesTLS12 = 0
    package var handshakesTLS13 = 0
    package var handshakesResumed = 0
    package var handshakesFailed = 0
    package var bytesIn = 0
    package var bytesOut = 0

    package init() {}
}
