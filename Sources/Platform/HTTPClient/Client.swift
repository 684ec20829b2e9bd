import CCurl
import Glibc
import Synchronization

/// An HTTP client: libcurl's multi interface on its own thread, behind an `async` call. HTTP/1.1 over `http` and
/// `https` only, certificates always verified, no redirects, no proxy, no cookies. libcurl sends a request again when a
/// kept-alive connection turns out to have been closed before the first byte of an answer; callers see that as one
/// attempt.
package final class Client: Sendable {
    private let inbox: Inbox
    private let thread: Mutex<pthread_t?>

    package init(_ settings: ClientSettings = ClientSettings()) throws(ClientError) {
        guard Self.isReady, let multi = curl_multi_init() else {
            throw .other(code: Int(CURLE_FAILED_INIT.rawValue), message: "libcurl cannot be set up")
        }
        inbox = Inbox(multi: multi, requestsMax: settings.requestsMax)
        let loop = TransferLoop(multi: multi, inbox: inbox, settings: settings)
        var started = pthread_t()
        let box = Unmanaged.passRetained(loop)
        let result = pthread_create(&started, nil, { runLoop($0) }, box.toOpaque())
        guard result == 0 else {
            box.release()
            curl_multi_cleanup(multi)
            throw .other(code: Int(result), message: "the client's thread cannot be started")
        }
        thread = Mutex(started)
    }

    deinit { close() }

    /// Waits for the whole answer; every status is an answer. Cancelling the task withdraws the request, or breaks its
    /// connection when it is on the wire.
    package func send(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
        if let flaw = request.flaw { throw flaw }
        let id = inbox.nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.submit(Job(id: id, request: request, continuation: continuation))
            }
        } onCancel: {
            inbox.cancel(id)
        }
        return try result.get()
    }

    /// Fails all requests with ``ClientError/closed``, closes the connections and joins the thread.
    package func close() {
        guard let running = thread.withLock({ $0.take() }) else { return }
        inbox.close()
        pthread_join(running, nil)
    }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// The thread's body: owns the loop until it has ended.
private func runLoop(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    // Signals are other threads' business; SIGPIPE would otherwise come from OpenSSL's plain write().
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    Unmanaged<TransferLoop>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}

package struct ClientSettings: Sendable {
    /// Name resolution, TCP and TLS together.
    package var connectTimeout: Duration
    /// Limit: requests waiting or on the wire over all connections; the next one fails with ``ClientError/busy``.
    package var requestsMax: Int
    /// Limit: connections with a number, some 40 KiB each.
    package var connectionsMax: Int
    /// Limit: connections for requests that name none; more requests wait for one of them.
    package var sharedConnectionsMax: Int
    /// Limit: bytes of all header lines of one exchange: interim answers, the answer, trailers.
    package var headerBytesMax: Int
    /// How long a kept connection is used, so that a name that moves and new replicas are found.
    package var connectionLifeMax: Duration
    /// PEM file of the authorities that servers are verified against; nil takes the system's.
    package var authoritiesFile: String?
    /// Whether answers say until when the server's certificate is valid, which costs some work for each handshake.
    package var readsCertificates: Bool

    package init(
        connectTimeout: Duration = .seconds(5),
        requestsMax: Int = 65_536,
        connectionsMax: Int = 4_096,
        sharedConnectionsMax: Int = 64,
        headerBytesMax: Int = 65_536,
        connectionLifeMax: Duration = .seconds(60),
        authoritiesFile: String? = nil,
        readsCertificates: Bool = false
    ) {
        self.connectTimeout = connectTimeout
        self.requestsMax = requestsMax
        self.connectionsMax = connectionsMax
        self.sharedConnectionsMax = sharedConnectionsMax
        self.headerBytesMax = headerBytesMax
        self.connectionLifeMax = connectionLifeMax
        self.authoritiesFile = authoritiesFile
        self.readsCertificates = readsCertificates
    }
}

extension Duration {
    /// Whole seconds, at least 1.
    var curlSeconds: Int { Int(max(1, min(components.seconds, 1_000_000))) }

    /// Whole milliseconds, at least 1: libcurl reads 0 as "no limit".
    var curlMilliseconds: Int {
        let (seconds, attoseconds) = components
        let milliseconds = min(max(seconds, 0), 1_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000
        return max(1, Int(milliseconds))
    }
}

/// Why there is no answer. The texts name hosts and causes, never headers or bodies.
package enum ClientError: Error, Sendable, Equatable {
    /// No name, no route, or nothing listens: not one byte of the request was sent.
    case couldNotConnect(String)
    case connectionLost(String)
    /// The request's time-out or the connect time-out passed.
    case timedOut
    /// Header lines without end, before any status that counts.
    case tooLarge
    /// What came is no HTTP: another program listens there, or it speaks TLS.
    case notHTTP(String)
    case tls(String)
    case cancelled, closed, busy
    case malformedRequest(String)
    /// Any other error of libcurl.
    case other(code: Int, message: String)
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .couldNotConnect(let message): "could not connect: \(message)"
        case .connectionLost(let message): "connection lost: \(message)"
        case .timedOut: "timed out"
        case .tooLarge: "the answer is larger than its limit"
        case .notHTTP(let message): "the answer is no HTTP: \(message)"
        case .tls(let message): "TLS: \(message)"
        case .cancelled: "cancelled"
        case .closed: "the client is closed"
        case .busy: "too many requests are waiting"
        case .malformedRequest(let message): "malformed request: \(message)"
        case .other(let code, let message): "libcurl \(code): \(message)"
        }
    }
}
