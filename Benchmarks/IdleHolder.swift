import COpenSSL
import Foundation
import TestSupport

/// Connections that each had one request answered and then rest, in a process of their own,
/// because a process has only so many descriptors.
enum IdleHolder {
    static func start(_ count: Int, at contender: Contender) async throws -> ChildProcess {
        let child = try Benchmark.child(["hold-idle", contender.scheme, String(contender.port), String(count)])
        // Limit: ten thousand handshakes take some ten seconds.
        try await child.errors.waitForLine(containing: "holding", within: .seconds(120))
        return child
    }

    /// `hold-idle http|https PORT COUNT`: holds until the process is ended.
    static func run(_ arguments: [String]) throws {
        guard arguments.count == 3, let port = Int(arguments[1]), let count = Int(arguments[2]) else {
            throw BenchOptions.UsageError(description: "hold-idle needs a scheme, a port and a count")
        }
        let context = arguments[0] == "https" ? SSL_CTX_new(TLS_client_method()) : nil
        for index in 0..<count {
            let socket = connect(to: port)
            let isAnswered = socket >= 0 && (context.map { ask(socket, $0) } ?? ask(socket))
            guard isAnswered else {
                throw BenchmarkFailure(
                    description: "connection \(index) of \(count) was not answered: \(String(cString: strerror(errno)))"
                )
            }
        }
        Benchmark.notice("holding \(count)")
        while true { pause() }
    }

    private static let request = Array("GET /notion/webhooks HTTP/1.1\r\nHost: relay.example\r\n\r\n".utf8)

    private static func ask(_ socket: Int32) -> Bool {
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
        return readAnswer { recv(socket, &$0, $0.count, 0) }
    }

    private static func ask(_ socket: Int32, _ context: OpaquePointer) -> Bool {
        guard let ssl = SSL_new(context), SSL_set_fd(ssl, socket) == 1, SSL_connect(ssl) == 1,
            SSL_write(ssl, request, Int32(request.count)) == Int32(request.count)
        else { return false }
        return readAnswer { Int(SSL_read(ssl, &$0, Int32($0.count))) }
    }

    /// An answer ends in `ok`.
    private static func readAnswer(_ receive: (inout [UInt8]) -> Int) -> Bool {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !answer.suffix(2).elementsEqual("ok".utf8) {
            let count = receive(&buffer)
            guard count > 0 else { return false }
            answer += buffer[..<count]
        }
        return true
    }

    private static func connect(to port: Int) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // At the end of the process all are reset, so that none of their ports has to wait.
        var end = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &end, socklen_t(MemoryLayout<linger>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return status == 0 ? socket : -1
    }
}
