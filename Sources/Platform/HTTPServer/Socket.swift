import CLinux
import Glibc

/// The system calls on sockets. A call that was interrupted is made again; every other outcome is the caller's.
enum Socket {
    enum Transfer {
        case bytes(Int)
        case wouldBlock
        case failed
    }

    enum Accepted {
        case connection(Int32, ClientAddress)
        case none
        /// This one is gone; there may be others.
        case skipped
        /// No descriptor or memory is left.
        case exhausted
    }

    /// A listening socket, non-blocking, and the port it got.
    static func listen(_ address: ListenAddress, shared: Bool) throws(ServerError) -> (Int32, UInt16) {
        guard !address.isUnix else { return (try listen(atPathOf: address), 0) }
        let family = address.kind == .ipv6 ? AF_INET6 : AF_INET
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(family, type, 0)
        guard socket >= 0 else { throw listenError(address) }
        var storage = SocketAddress(address)
        setOption(socket, SOL_SOCKET, SO_REUSEADDR)
        // Accepted connections have it from their listener, which saves a call for each. An answer is sent in one
        // piece, so there is nothing to wait for.
        setOption(socket, Int32(IPPROTO_TCP), TCP_NODELAY)
        if shared { setOption(socket, SOL_SOCKET, SO_REUSEPORT) }
        // Limit: the kernel cuts the backlog down to net.core.somaxconn.
        guard storage.bind(socket), Glibc.listen(socket, 4096) == 0, let port = SocketAddress.port(of: socket) else {
            let error = listenError(address)
            close(socket)
            throw error
        }
        return (socket, port)
    }

    /// Lets sockets of this process listen at the same port; another process's cannot, since the first of them was
    /// bound alone.
    static func share(_ listener: Int32) { setOption(listener, SOL_SOCKET, SO_REUSEPORT) }

    private static func listen(atPathOf address: ListenAddress) throws(ServerError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(AF_UNIX, type, 0)
        guard socket >= 0 else { throw listenError(address) }
        do throws(ServerError) {
            try SocketFile.bind(socket, address.host)
        } catch {
            close(socket)
            throw error
        }
        guard Glibc.listen(socket, 4096) == 0 else {
            let error = listenError(address)
            close(socket)
            throw error
        }
        return socket
    }

    /// The same listener for one more loop.
    static func duplicate(_ listener: Int32) -> Int32? {
        let copy = fcntl(listener, F_DUPFD_CLOEXEC, 0)
        return copy >= 0 ? copy : nil
    }

    static func accept(_ listener: Int32) -> Accepted {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept4(listener, $0, &length, flags) }
        }
        guard socket < 0 else { return .connection(socket, ClientAddress(storage)) }
        switch errno {
        case EAGAIN: return .none
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
        default: return .skipped
        }
    }

    @inline(__always)
    static func receive(_ socket: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Transfer {
        outcome { linux_receive(socket, buffer, count) }
    }

    @inline(__always)
    static func send(_ socket: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Transfer {
        outcome { linux_send(socket, buffer, count) }
    }

    /// Bytes that have come; they stay to be received.
    static func peek(_ socket: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Transfer {
        outcome { recv(socket, buffer, count, Int32(MSG_PEEK)) }
    }

    static func hasClient(_ listener: Int32) -> Bool {
        var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    static func hasBytes(_ socket: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK)) > 0
    }

    /// Whether the other end's kernel has yet to confirm some of what was sent.
    static func hasUndelivered(_ socket: Int32) -> Bool { linux_undelivered(socket) > 0 }

    static func shutdownWrites(_ socket: Int32) { _ = shutdown(socket, Int32(SHUT_WR)) }

    static func close(_ socket: Int32) { _ = Glibc.close(socket) }

    static func lastError() -> String { String(cString: strerror(errno)) }

    @inline(__always)
    private static func outcome(_ call: () -> Int) -> Transfer {
        while true {
            let count = call()
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed
            }
        }
    }

    private static func setOption(_ socket: Int32, _ level: Int32, _ name: Int32) {
        var on: Int32 = 1
        _ = setsockopt(socket, level, name, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func listenError(_ address: ListenAddress) -> ServerError {
        .listen(address: address.description, reason: lastError())
    }
}
