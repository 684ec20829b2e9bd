/// What a server has counted since its start, summed over its loops.
package struct ServerCounts: Sendable, Equatable {
    package var connectionsAccepted = 0
    package var connectionsOpen = 0
    package var requests = 0
    package var requestsPending = 0
    package var connectionsExpired = 0
    package var acceptPauses = 0
    package var bytesIn = 0
    package var bytesOut = 0

    package init() {}
}
