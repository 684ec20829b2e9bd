import CLinux
import Foundation

/// A client that sends exactly the bytes it is told to, over a real connection.
// Safety: a test gives it to another thread only to send from there.
final class TestClient: @unchecked Sendable {
    struct Answer: Equatable {
        var status: Int
        var fields: [String: String]
        var body: String
    }

    struct Failure: Error {
        let reason: String
    }

    private var socket: Int32
    private var received: [UInt8] = []
    private(set) var tls: TLSClientSession?

    /// A small receive buffer makes a slow reader out of a client that does not read.
    init(port: Int, receiveBufferBytes: Int32? = nil, tls: TLSClientSession.Options? = nil) throws {
        socket = CLinux.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failure(reason: "socket: \(errno)") }
        if var bytes = receiveBufferBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
        }
        // Nothing in these tests takes long: a read that waits this long has found a fault.
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(reason: "connect: \(errno)") }
        if let tls {
            self.tls = try TLSClientSession(socket: socket, tls)
        }
    }

    /// Begins TLS on a connection that other bytes have gone over before.
    func beginTLS(_ options: TLSClientSession.Options) throws { tls = try TLSClientSession(socket: socket, options) }

    /// Over a Unix socket.
    init(path: String) throws {
        socket = CLinux.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw Failure(reason: "connect: \(errno)") }
    }

    deinit {
        close()
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// A connection that the server has closed takes no more bytes; the test sees that when it reads.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count =
                tls?.write(bytes[sent...])
                ?? bytes.withUnsafeBytes { buffer in
                    CLinux.send(socket, buffer.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The next answer; `bodiless` is for answers to HEAD.
    func answer(bodiless: Bool = false) throws -> Answer {
        let head = try read(through: Array("\r\n\r\n".utf8))
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n").filter { !$0.isEmpty }
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw Failure(reason: "no status line: \(lines)")
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Failure(reason: "no field: \(line)") }
            fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let count = bodiless || status == 100 ? 0 : Int(fields["content-length"] ?? "0") ?? 0
        let body = try read(count)
        return Answer(status: status, fields: fields, body: String(decoding: body, as: UTF8.self))
    }

    /// The next answer, or nil when the server has closed before a byte of one.
    func answerIfAny() throws -> Answer? {
        if received.isEmpty, try !fill() {
            return nil
        }
        return try answer()
    }

    /// Everything until the server closes; a reset counts as closed.
    func rest() throws -> String {
        while try fill() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// The server's end of this connection, when the server runs in this process.
    var serverSocket: Int32? {
        let own = Self.port(of: socket, getsockname)
        return (0..<1024).first { Self.port(of: $0, getpeername) == own }
    }

    private static func port(
        of socket: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(socket, $0, &length) }
        }
        return status == 0 && address.sin_family == sa_family_t(AF_INET) ? address.sin_port : nil
    }

    /// At most this many of the bytes that have come, thrown away. Returns whether there were any.
    func skip(_ count: Int) -> Bool {
        var bytes = [UInt8](repeating: 0, count: count)
        return recv(socket, &bytes, count, 0) > 0
    }

    func finishSending() {
        tls?.sendCloseNotify()
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Breaks the connection with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        guard socket >= 0 else { return }
        // Without a farewell OpenSSL would not resume the session.
        tls?.sendCloseNotify()
        tls = nil
        _ = CLinux.close(socket)
        socket = -1
    }

    func read(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try fill() else { throw Failure(reason: "closed within an answer") }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    func read(through end: [UInt8]) throws -> [UInt8] {
        while true {
            if let range = received.firstRange(of: end) {
                return try read(range.upperBound)
            }
            guard try fill() else { throw Failure(reason: "closed: \(String(decoding: received, as: UTF8.self))") }
        }
    }

    private func fill() throws -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = try tls?.read(&bytes) ?? recv(socket, &bytes, bytes.count, 0)
        if count < 0, errno == EAGAIN {
            throw Failure(reason: "nothing came: \(String(decoding: received, as: UTF8.self))")
        }
        guard count > 0 else { return false }
        received += bytes[..<count]
        return true
    }
}
