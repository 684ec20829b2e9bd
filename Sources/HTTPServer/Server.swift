/// An HTTP/1.1 server: some loops, each a thread of its own, that share nothing but the port.
package final class Server: Sendable {
    package init(
        address: ListenAddress,
        loops: Int = 1,
        limits: Limits = Limits(),
        makeHandler: @escaping @Sendable (EventLoop) throws -> any ExchangeHandler
    ) {}

    /// Listens and starts the loops; returns when all of them run.
    package func start() throws(ServerError) {}

    /// The port that is listened on; the kernel's choice if the address named 0. Valid after `start`.
    package var port: Int { 0 }

    /// Stops accepting, closes idle connections, answers what was read, and joins the threads. Blocks its thread.
    ///
    /// - Returns: whether every request of which a byte was read got its answer.
    package func drain(within: Duration) -> Bool { true }

    /// What the loops have counted so far.
    package var counts: ServerCounts { ServerCounts() }
}
