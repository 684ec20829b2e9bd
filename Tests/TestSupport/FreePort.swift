import CLinux
import Glibc
import Synchronization

/// Chooses loopback ports that are not in use, and none twice: the server that a port is for may not listen yet.
package enum FreePort {
    /// Below the range from which the kernel takes ports for outgoing connections (32,768 on), so that a port stays
    /// free while the server that it was chosen for is restarted.
    static let candidates = 20_000..<30_000

    /// Limit: with a few dozen listeners on a machine the first try nearly always succeeds.
    static let triesMax = 200

    private static let chosen = Mutex<Set<Int>>([])

    package static func next() -> Int {
        for _ in 0..<triesMax {
            let port = Int.random(in: candidates)
            if isFree(port), chosen.withLock({ $0.insert(port).inserted }) { return port }
        }
        preconditionFailure("none of \(triesMax) random ports between 20,000 and 30,000 is free on this machine")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in(loopbackPort: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0
    }
}

extension sockaddr_in {
    init(loopbackPort port: Int) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = in_port_t(port).bigEndian
        sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    }
}
