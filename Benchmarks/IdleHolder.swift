import Foundation
import TestSupport

/// `hold-idle PORT COUNT`: connections that each had one request answered and then rest, in a process of their own,
/// because a process has only so many descriptors.
enum IdleHolder {
    static func start(_ count: Int, at contender: Contender) async throws -> ChildProcess {
        let child = try Benchmark.child(["hold-idle", String(contender.port), String(count)])
        try await child.errors.waitForLine(containing: "holding", within: .seconds(60))
        return child
    }

    /// Holds until the process is ended.
    static func run(_ arguments: [String]) throws {
        guard arguments.count == 2, let port = Int(arguments[0]), let count = Int(arguments[1]) else {
            throw BenchOptions.UsageError(description: "hold-idle needs a port and a count")
        }
        for index in 0..<count {
            guard ask(connect(to: port)) else {
                throw BenchmarkFailure(
                    description: "connection \(index) of \(count) was not answered: \(String(cString: strerror(errno)))"
                )
            }
        }
        Benchmark.notice("holding \(count)")
        while true { pause() }
    }

    /// Sends one request and reads its answer, which ends in `ok`.
    private static func ask(_ socket: Int32) -> Bool {
        let request = Array("GET /notion/webhooks HTTP/1.1\r\nHost: relay.example\r\n\r\n".utf8)
        guard socket >= 0, send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return false
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !answer.ends(with: Array("ok".utf8)) {
            let count = recv(socket, &buffer, buffer.count, 0)
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

extension [UInt8] {
    fileprivate func ends(with end: [UInt8]) -> Bool { suffix(end.count).elementsEqual(end) }
}
