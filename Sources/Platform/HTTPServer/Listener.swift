import CLinux
import Glibc

/// A socket address in the kernel's form.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    init(_ address: ListenAddress) {
        if address.kind == .ipv6 {
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            var inet = sockaddr_in6()
            inet.sin6_family = sa_family_t(AF_INET6)
            inet.sin6_port = address.port.bigEndian
            inet_pton(AF_INET6, address.host, &inet.sin6_addr)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: inet, as: sockaddr_in6.self) }
        } else {
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            var inet = sockaddr_in()
            inet.sin_family = sa_family_t(AF_INET)
            inet.sin_port = address.port.bigEndian
            inet_pton(AF_INET, address.host, &inet.sin_addr)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: inet, as: sockaddr_in.self) }
        }
    }

    mutating func bind(_ socket: Int32) -> Bool {
        withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { CLinux.bind(socket, $0, length) == 0 }
        }
    }

    static func port(of socket: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        return status == 0 ? ClientAddress(storage).port : nil
    }
}

extension ClientAddress {
    init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let inet = bytes.load(as: sockaddr_in.self)
                let low = UInt64(UInt32(bigEndian: inet.sin_addr.s_addr))
                return ClientAddress(high: 0, low: low, family: .ipv4, port: UInt16(bigEndian: inet.sin_port))
            case AF_INET6:
                let inet = bytes.load(as: sockaddr_in6.self)
                return ClientAddress(ipv6: inet.sin6_addr, port: UInt16(bigEndian: inet.sin6_port))
            default: return .unix
            }
        }
    }
}

/// The file that a Unix socket is reached by. It outlives the process that made it, so it may be of one that is gone.
enum SocketFile {
    // Limit: the owner and its group, which a proxy in front belongs to.
    private static let mode: mode_t = 0o660

    /// Binds a socket to the path, in place of a file that no process listens on any more.
    static func bind(_ socket: Int32, _ path: String) throws(ServerError) {
        let address = ListenAddress("unix:\(path)")?.description ?? path
        if bindOnce(socket, path) == 0 { return try restrict(path, address) }
        guard errno == EADDRINUSE else { throw .listen(address: address, reason: Socket.lastError()) }
        guard isSocket(path) else { throw .listen(address: address, reason: "there is a file that is no socket") }
        guard !hasListener(path) else { throw .listen(address: address, reason: "another process listens there") }
        remove(path)
        guard bindOnce(socket, path) == 0 else { throw .listen(address: address, reason: Socket.lastError()) }
        try restrict(path, address)
    }

    static func remove(_ path: String) { if isSocket(path) { unlink(path) } }

    /// Nobody can connect before `listen`, so the file is never open to more than it should be.
    private static func restrict(_ path: String, _ address: String) throws(ServerError) {
        guard chmod(path, mode) == 0 else { throw .listen(address: address, reason: Socket.lastError()) }
    }

    private static func bindOnce(_ socket: Int32, _ path: String) -> Int32 {
        withAddress(path) { Glibc.bind(socket, $0, $1) }
    }

    private static func hasListener(_ path: String) -> Bool {
        let probe = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { Socket.close(probe) }
        // A full backlog has a listener as well.
        return withAddress(path) { connect(probe, $0, $1) } == 0 || errno != ECONNREFUSED
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    private static func withAddress<Result>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            for (index, byte) in path.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

/// Where a server listens: a numeric address or `localhost`, and a port (0: any); or a Unix socket's path.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        case ipv4, ipv6, unix
    }

    // Limit: a socket's path and the zero behind it lie in 108 bytes (unix(7)).
    private static let pathBytesMax = 107

    /// The numeric host, or the path of a Unix socket.
    package let host: String
    package let port: UInt16
    let kind: Kind

    package var isUnix: Bool { kind == .unix }

    /// Reads `0.0.0.0:8080`, `localhost:8080`, `[::1]:8080` or `unix:/run/edge.sock`; anything else is nil.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            host = String(text.dropFirst("unix:".count))
            port = 0
            kind = .unix
            guard host.hasPrefix("/"), host.utf8.count <= Self.pathBytesMax, !host.utf8.contains(0) else { return nil }
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        self.port = port
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.host = String(host.dropFirst().dropLast())
            kind = .ipv6
        } else {
            self.host = host == "localhost" ? "127.0.0.1" : String(host)
            kind = .ipv4
        }
        guard isNumeric else { return nil }
    }

    private init(host: String, port: UInt16, kind: Kind) {
        self.host = host
        self.port = port
        self.kind = kind
    }

    package func with(port: UInt16) -> ListenAddress { ListenAddress(host: host, port: port, kind: kind) }

    package var description: String {
        switch kind {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .unix: "unix:\(host)"
        }
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(text)
    }

    private var isNumeric: Bool {
        var bytes = in6_addr()
        return inet_pton(kind == .ipv6 ? AF_INET6 : AF_INET, host, &bytes) == 1
    }
}
