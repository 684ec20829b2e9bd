/// One thread with its epoll set, its connections, its deadlines.
package final class EventLoop {
    package private(set) var nowNanoseconds: UInt64 = 0
    package private(set) var isDraining = false

    package func respond(_ exchange: Exchange, _ head: ResponseHead, body: Span<UInt8>) {}

    /// Makes an eventfd in this loop's epoll set. Whoever writes to it, from any thread, has the closure called here.
    package func wakeup(_ onWake: @escaping () -> Void) throws(ServerError) -> Int32 { -1 }

    /// Calls the closure again and again, not more often than this.
    package func every(milliseconds: Int, _ body: @escaping () -> Void) {}
}
