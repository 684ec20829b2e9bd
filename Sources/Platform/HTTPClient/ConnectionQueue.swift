import CCurl

/// One kept-alive connection: an easy handle with a connection cache of its own, and the requests that wait for it.
/// Confined to the client's thread.
final class ConnectionQueue {
    let easy: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private let sockets = OpenSockets()
    private let headerBytesMax: Int
    private let readsCertificates: Bool

    private var waiting: [Job] = []
    private var waitingHead = 0
    private var running: Job?

    /// The body must stay in place while libcurl sends it, hence a copy outside of any Swift array.
    private var sending: UnsafeMutableRawBufferPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var lastURL = ""
    private var lastMethod = ""

    private var headerBytes: [UInt8] = []
    /// Of the whole exchange: interim answers and trailers too.
    private var headerBytesSeen = 0
    private var hasWholeHead = false
    private var body: [UInt8] = []
    private var bodyBytesMax = 0
    private var isTooLarge = false

    var isIdle: Bool { running == nil }
    var runningID: UInt64? { running?.id }

    /// Nil when libcurl has no memory.
    init?(_ settings: ClientSettings) {
        guard let easy = curl_easy_init() else { return nil }
        guard let share = curl_share_init() else {
            curl_easy_cleanup(easy)
            return nil
        }
        self.easy = easy
        self.share = share
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        sending = .allocate(byteCount: 2_048, alignment: 1)
        headerBytesMax = settings.headerBytesMax
        readsCertificates = settings.readsCertificates
        configure(settings)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_share_cleanup(share)
        curl_slist_free_all(headerList)
        errorText.deallocate()
        sending.deallocate()
    }

    static func of(_ easy: UnsafeMutableRawPointer) -> ConnectionQueue? {
        var opaque: UnsafeMutableRawPointer?
        relay_getinfo_pointer(easy, CURLINFO_PRIVATE, &opaque)
        guard let opaque else { return nil }
        return Unmanaged<ConnectionQueue>.fromOpaque(opaque).takeUnretainedValue()
    }

    private func configure(_ settings: ClientSettings) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        // A cache for each queue, not for the client: a request can only ever find its own queue's connection.
        relay_share_setopt_long(share, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_CONNECT.rawValue))
        relay_setopt_pointer(easy, CURLOPT_SHARE, share)
        relay_setopt_pointer(easy, CURLOPT_PRIVATE, this)
        relay_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        relay_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
        relay_setopt_pointer(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        relay_setopt_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        relay_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        relay_setopt_pointer(easy, CURLOPT_PROXY, "")
        // A set minimum: without one it is what the distribution built OpenSSL and libcurl with.
        relay_setopt_long(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        relay_setopt_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        relay_setopt_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        if let file = settings.authoritiesFile { relay_setopt_pointer(easy, CURLOPT_CAINFO, file) }
        if settings.readsCertificates { relay_setopt_long(easy, CURLOPT_CERTINFO, 1) }
        relay_setopt_long(easy, CURLOPT_TCP_NODELAY, 1)
        sockets.follow(easy)
        relay_setopt_long(easy, CURLOPT_MAXLIFETIME_CONN, settings.connectionLifeMax.curlSeconds)
        relay_setopt_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, min(10, settings.connectionLifeMax.curlSeconds))
        relay_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.curlMilliseconds)
        relay_setopt_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, queue in
            receive(bytes, size * count, queue) { $0.appendBody($1) }
        }
        relay_setopt_pointer(easy, CURLOPT_WRITEDATA, this)
        relay_setopt_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, queue in
            receive(bytes, size * count, queue) { $0.appendHeader($1) }
        }
        relay_setopt_pointer(easy, CURLOPT_HEADERDATA, this)
    }

    func enqueue(_ job: Job) { waiting.append(job) }

    /// The next waiting request, made ready on the easy handle; nil while one is running or none waits.
    func startNext() -> Job? {
        guard running == nil, waitingHead < waiting.count else { return nil }
        let job = waiting[waitingHead]
        waitingHead += 1
        if waitingHead == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            waitingHead = 0
        } else if waitingHead >= 64, waitingHead * 2 >= waiting.count {
            waiting.removeFirst(waitingHead)
            waitingHead = 0
        }
        running = job
        prepare(job.request)
        return job
    }

    @discardableResult
    func finish() -> Job? {
        defer { running = nil }
        return running
    }

    func withdraw(_ id: UInt64) -> Job? {
        guard let index = waiting[waitingHead...].firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index)
    }

    func withdrawAll() -> [Job] {
        let all = [finish()].compactMap(\.self) + waiting[waitingHead...]
        waiting = []
        waitingHead = 0
        return all
    }

    private func prepare(_ request: ClientRequest) {
        sockets.breakStale()
        errorText.pointee = 0
        headerBytes = []
        headerBytesSeen = 0
        hasWholeHead = false
        body = []
        isTooLarge = false
        bodyBytesMax = request.responseBodyBytesMax
        if request.url != lastURL {
            relay_setopt_pointer(easy, CURLOPT_URL, request.url)
            lastURL = request.url
        }
        relay_setopt_long(easy, CURLOPT_TIMEOUT_MS, request.timeout.curlMilliseconds)
        prepareBody(request)
        prepareHeaders(request)
    }

    private func prepareBody(_ request: ClientRequest) {
        let hasBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
        if request.method != lastMethod {
            relay_setopt_long(easy, CURLOPT_NOBODY, request.method == "HEAD" ? 1 : 0)
            lastMethod = request.method
        }
        if hasBody {
            if sending.count < request.body.count {
                sending.deallocate()
                sending = .allocate(byteCount: request.body.count, alignment: 1)
            }
            sending.copyBytes(from: request.body)
            relay_setopt_long(easy, CURLOPT_POST, 1)
            relay_setopt_pointer(easy, CURLOPT_POSTFIELDS, sending.baseAddress)
            relay_setopt_long(easy, CURLOPT_POSTFIELDSIZE, request.body.count)
        } else if request.method != "HEAD" {
            relay_setopt_long(easy, CURLOPT_HTTPGET, 1)
        }
        relay_setopt_pointer(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }

    /// libcurl's own additions are taken out by a name without value; an empty value is written with a semicolon.
    private func prepareHeaders(_ request: ClientRequest) {
        curl_slist_free_all(headerList)
        headerList = curl_slist_append(nil, "Expect:")
        var hasType = false
        var hasAccept = false
        for (name, value) in request.headers {
            if name.utf8.count == 12, name.lowercased() == "content-type" { hasType = true }
            if name.utf8.count == 6, name.lowercased() == "accept" { hasAccept = true }
            curl_slist_append(headerList, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        if !hasType { curl_slist_append(headerList, "Content-Type:") }
        if !hasAccept { curl_slist_append(headerList, "Accept:") }
        relay_setopt_pointer(easy, CURLOPT_HTTPHEADER, headerList)
    }

    fileprivate func appendHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytesSeen += bytes.count
        guard headerBytesSeen <= headerBytesMax else {
            isTooLarge = true
            return false
        }
        // What follows the head of the final answer is a trailer, and not asked for.
        if hasWholeHead, status >= 200 { return true }
        // Only the last header section counts: a 100 or 103 before it is not the answer.
        if bytes.starts(with: "HTTP/".utf8) { headerBytes.removeAll(keepingCapacity: true) }
        headerBytes.append(contentsOf: bytes)
        hasWholeHead = bytes.elementsEqual("\r\n".utf8) || bytes.elementsEqual("\n".utf8)
        return true
    }

    fileprivate func appendBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= bodyBytesMax else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    func result(_ code: CURLcode) -> Result<ClientResponse, ClientError> {
        // The status is the answer, however its body ends.
        guard code == CURLE_OK || (status >= 200 && (isTooLarge || hasWholeHead)) else {
            return .failure(isTooLarge ? .tooLarge : error(code))
        }
        return .success(
            ClientResponse(
                status: status,
                body: body,
                isCutShort: code != CURLE_OK,
                headerBytes: headerBytes,
                remoteAddress: readsCertificates ? remoteAddress : "",
                certificateEnd: readsCertificates ? certificateEnd : nil
            )
        )
    }

    private var status: Int {
        var status = 0
        relay_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    private var remoteAddress: String {
        var opaque: UnsafeMutableRawPointer?
        guard relay_getinfo_pointer(easy, CURLINFO_PRIMARY_IP, &opaque) == CURLE_OK, let opaque else { return "" }
        return String(cString: opaque.assumingMemoryBound(to: CChar.self))
    }

    private var certificateEnd: String? {
        var opaque: UnsafeMutableRawPointer?
        guard relay_getinfo_pointer(easy, CURLINFO_CERTINFO, &opaque) == CURLE_OK, let opaque else { return nil }
        let chain = opaque.assumingMemoryBound(to: curl_certinfo.self).pointee
        guard chain.num_of_certs > 0, let lists = chain.certinfo else { return nil }
        var entry = lists[0]
        while let line = entry {
            let text = String(cString: line.pointee.data)
            if text.hasPrefix("Expire date:") { return String(text.dropFirst("Expire date:".count)) }
            entry = line.pointee.next
        }
        return nil
    }

    private func error(_ code: CURLcode) -> ClientError {
        let detail = String(cString: errorText)
        let message = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST: return .couldNotConnect(message)
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: return .connectionLost(message)
        case CURLE_URL_MALFORMAT: return .malformedRequest(message)
        // The first is what libcurl says of bytes that would be HTTP/0.9.
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: return .notHTTP(message)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return .tls(message)
        default: return .other(code: Int(code.rawValue), message: message)
        }
    }
}

/// What both of libcurl's callbacks do: a returned count other than the given one ends the transfer.
private func receive(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ queue: UnsafeMutableRawPointer?,
    _ append: (ConnectionQueue, UnsafeRawBufferPointer) -> Bool
) -> Int {
    guard let queue else { return -1 }
    let taken = append(
        Unmanaged<ConnectionQueue>.fromOpaque(queue).takeUnretainedValue(),
        UnsafeRawBufferPointer(start: bytes, count: count)
    )
    return taken ? count : -1
}
