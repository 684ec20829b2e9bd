import CLinux
import Glibc

/// An epoll set, edge-triggered throughout: a descriptor is added once and never touched again.
final class EventSet {
    /// What a descriptor stands for; comes back with each of its events.
    struct Tag: Equatable {
        let rawValue: UInt64

        @inline(__always)
        static func connection(slot: Int, generation: UInt32) -> Tag {
            Tag(rawValue: UInt64(generation) &<< 32 | UInt64(slot))
        }

        static let listener = Tag(rawValue: UInt64(UInt32.max))
        static let control = Tag(rawValue: UInt64(UInt32.max) - 1)

        static func wakeup(_ index: Int) -> Tag { Tag(rawValue: UInt64(wakeupsBegin + index)) }

        static let wakeupsBegin = 0xFF00_0000

        var slot: Int { Int(rawValue & 0xFFFF_FFFF) }
        var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue &>> 32) }
    }

    struct Readiness {
        let rawValue: UInt32

        var isReadable: Bool { rawValue & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 }
        var isWritable: Bool { rawValue & EPOLLOUT.rawValue != 0 }
        /// The other end will send no more.
        var isHalfClosed: Bool { rawValue & EPOLLRDHUP.rawValue != 0 }
        var isBroken: Bool { rawValue & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 }
    }

    // Limit: events of one turn; more wait for the next one.
    private static let eventsMax = 512

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(ServerError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .loop(reason: "epoll_create1: \(Socket.lastError())") }
        events = .allocate(capacity: Self.eventsMax)
        events.initialize(repeating: epoll_event(), count: Self.eventsMax)
    }

    deinit {
        Socket.close(descriptor)
        events.deallocate()
    }

    /// - Returns: false when the kernel has no room for one more.
    func add(_ descriptor: Int32, _ tag: Tag, writes: Bool) -> Bool {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        if writes { event.events |= EPOLLOUT.rawValue }
        event.data.u64 = tag.rawValue
        return epoll_ctl(self.descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    /// A listener may be in several loops' sets: a new client wakes one of them.
    func addListener(_ descriptor: Int32) -> Bool {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLET.rawValue | EPOLLEXCLUSIVE.rawValue
        event.data.u64 = Tag.listener.rawValue
        return epoll_ctl(self.descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    /// Waits for events. -1 milliseconds waits without end. An interrupted wait has none.
    func wait(milliseconds: Int32) -> Int {
        max(0, Int(epoll_wait(descriptor, events, Int32(Self.eventsMax), milliseconds)))
    }

    /// The events of the last wait, below its count.
    @inline(__always)
    subscript(index: Int) -> (tag: Tag, readiness: Readiness) {
        precondition(index < Self.eventsMax, "An event's index lies below the count of the last wait.")
        return (Tag(rawValue: events[index].data.u64), Readiness(rawValue: events[index].events))
    }
}

/// An eventfd: any thread writes to it, and one loop wakes. The loop never reads it: every write is an edge for the
/// epoll set whether or not the count was read, and the count cannot overflow in the life of a process.
struct WakeDescriptor: Sendable {
    let descriptor: Int32

    init(blocking: Bool = false) throws(ServerError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | (blocking ? 0 : Int32(EFD_NONBLOCK)))
        guard descriptor >= 0 else { throw .loop(reason: "eventfd: \(Socket.lastError())") }
    }

    func ring() { eventfd_write(descriptor, 1) }

    /// Waits for a ring; only for a blocking one.
    func waitForRing() {
        var count: eventfd_t = 0
        while eventfd_read(descriptor, &count) != 0, errno == EINTR {}
    }

    func close() { Socket.close(descriptor) }
}
