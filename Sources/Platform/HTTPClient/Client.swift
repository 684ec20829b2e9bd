import CCurl
import Glibc
import Synchronization

/// HTTP out: libcurl's multi interface on one thread of its own, behind an `async` call.
///
/// HTTP/1.1 over `http` and `https` only, certificates always verified, no redirects, no proxy, no cookies.
/// libcurl itself sends a request again when a kept-alive connection turns out to have been closed before a single
/// byte of an answer came; callers that must tell attempts apart see that as one attempt.
package final class Client: Sendable {
    private let inbox: Inbox
    private let thread: Mutex<pthread_t?>

    /// Starts the client's thread.
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

    /// Sends the request and waits for the whole answer; every status is an answer. Cancelling the task takes the
    /// request back, or breaks its connection when it is on the wire.
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

    /// Fails what waits or is on the wire with ``ClientError/closed``, closes the connections and joins the thread.
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
