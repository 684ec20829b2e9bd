import CLinux

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

    /// The port a socket is bound to.
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
            default:
                return .unix
            }
        }
    }
}
