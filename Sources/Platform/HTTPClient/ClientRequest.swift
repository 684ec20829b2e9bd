/// One request: what is sent, how long its answer may take, how large that answer may be.
package struct ClientRequest: Sendable {
    /// `GET`, `POST`, …; an HTTP token.
    package var method: String
    /// An absolute `http` or `https` address. Redirects are answers, they are not followed.
    package var url: String
    /// Sent as given and in this order, after `Host`. `Content-Length` is added; nothing else is, no `Expect` either.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// From the start of the exchange to the last byte of the answer; waiting for the lane is not in it.
    package var timeout: Duration
    /// A longer answer ends the exchange with ``ClientError/tooLarge``.
    package var responseBodyBytesMax: Int
    /// Requests of one lane go over one kept-alive connection, strictly one after the other.
    /// `nil`: whichever unnamed lane is free, in no order.
    package var lane: Int?

    package init(
        method: String = "GET",
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        timeout: Duration = .seconds(10),
        responseBodyBytesMax: Int = 1 << 20,
        lane: Int? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.responseBodyBytesMax = responseBodyBytesMax
        self.lane = lane
    }

    /// What would let one request be read as another: nothing of such a request is sent.
    var flaw: ClientError? {
        guard Self.isToken(method), method.utf8.count <= 32 else { return .malformedRequest("the method is no token") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            return .malformedRequest("the address holds a space or a control character")
        }
        for (name, value) in headers {
            guard Self.isToken(name) else { return .malformedRequest("a header's name is no token") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                return .malformedRequest("the value of \(name) holds a control character")
            }
        }
        return nil
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
                default: false
                }
            }
    }
}
