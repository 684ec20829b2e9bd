import CCurl
import Glibc

/// The sockets of one easy handle, which libcurl opens and closes through this. Confined to the client's thread.
final class OpenSockets {
    private var descriptors: Set<Int32> = []

    func follow(_ easy: UnsafeMutableRawPointer) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        relay_setopt_pointer(easy, CURLOPT_OPENSOCKETDATA, this)
        relay_setopt_pointer(easy, CURLOPT_CLOSESOCKETDATA, this)
        relay_setopt_open_socket(easy) { sockets, _, address in
            guard let sockets, let wanted = address?.pointee else { return -1 }
            let descriptor = socket(wanted.family, wanted.socktype | Int32(SOCK_CLOEXEC.rawValue), wanted.protocol)
            guard descriptor >= 0 else { return -1 }
            Unmanaged<OpenSockets>.fromOpaque(sockets).takeUnretainedValue().descriptors.insert(descriptor)
            return descriptor
        }
        relay_setopt_close_socket(easy) { sockets, descriptor in
            guard let sockets else { return 1 }
            Unmanaged<OpenSockets>.fromOpaque(sockets).takeUnretainedValue().descriptors.remove(descriptor)
            return close(descriptor)
        }
    }

    /// Between two exchanges: breaks connections on which something has come, which belongs to no request (RFC 9112,
    /// section 9.2), or that were closed. libcurl, which would take such bytes for the next answer, then opens another.
    func breakStale() {
        for descriptor in descriptors {
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            if count >= 0 || errno != EAGAIN { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}
