import CLinux
import Glibc

/// The file that a Unix socket is reached by. It outlives the process that made it, so it may be of one that is gone.
enum SocketFile {
    // Limit: the owner and its group, which a proxy in front belongs to.
    private static let mode: mode_t = 0o660

    /// Binds a socket to the path, in place of a file that nobody listens at any more.
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

    /// Takes the file away; a file that is no socket stays.
    static func remove(_ path: String) {
        if isSocket(path) {
            unlink(path)
        }
    }

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
