/// A whole request: a view over the bytes as they came, valid only during the call that hands it out.
package struct Request: ~Escapable {
    package let head: RequestHead
    package let body: Span<UInt8>
    package let client: ClientAddress

    @_lifetime(copy head, copy body)
    init(head: consuming RequestHead, body: Span<UInt8>, client: ClientAddress) {
        self.head = head
        self.body = body
        self.client = client
    }
}
