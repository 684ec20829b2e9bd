import CLinux
import Glibc

/// Stands between a client and a server on loopback and passes the client's bytes on one by one, each in a segment of
/// its own; the server's come as they are. Serves one connection.
final class DribblingProxy: Sendable {
    let port: Int
    private let copying: Background<Void>

    init(to serverPort: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw TestClient.Failure(reason: "proxy: \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        copying = Background {
            let client = accept(listener, nil, nil)
            close(listener)
            let server = Self.connected(to: serverPort)
            let back = Background { Self.copy(from: server, to: client, atOnce: 65_536) }
            Self.copy(from: client, to: server, atOnce: 1)
            back.value
            close(client)
            close(server)
        }
    }

    /// Waits until both sides have ended.
    func wait() { copying.value }

    private static func copy(from source: Int32, to target: Int32, atOnce count: Int) {
        var bytes = [UInt8](repeating: 0, count: count)
        while case let received = recv(source, &bytes, count, 0), received > 0 {
            guard send(target, bytes, received, Int32(MSG_NOSIGNAL)) == received else { break }
        }
        shutdown(target, Int32(SHUT_WR))
    }

    private static func connected(to port: Int) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        var address = loopback(port)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return socket
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
