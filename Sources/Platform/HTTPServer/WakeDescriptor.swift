import CLinux
import Glibc

/// An eventfd: any thread rings it, one loop hears it.
///
/// The loop never reads it. Every write is an edge for the epoll set whether or not the count was read, and the count
/// cannot overflow in the life of a process.
struct WakeDescriptor: Sendable {
    let descriptor: Int32

    init(blocking: Bool = false) throws(ServerError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | (blocking ? 0 : Int32(EFD_NONBLOCK)))
        guard descriptor >= 0 else { throw .loop(reason: "eventfd: \(Socket.lastError())") }
    }

    func ring() {
        eventfd_write(descriptor, 1)
    }

    /// Waits for a ring; only for a blocking one.
    func waitForRing() {
        var count: eventfd_t = 0
        while eventfd_read(descriptor, &count) != 0, errno == EINTR {}
    }

    func close() {
        Socket.close(descriptor)
    }
}
