/// Where the parts of a request line lie. The method starts at 0, offsets count from the first byte of the request.
struct RequestLine: Equatable {
    var version = RequestHead.Version.http11
    var methodEnd = 0
    var targetStart = 0
    /// The first question mark, or the target's end.
    var pathEnd = 0
    var targetEnd = 0
}
