import Operations
import Testing

struct ServerSentEventTests {
    @Test(arguments: [
        (ServerSentEvent(data: "a"), "data: a\n\n"),
        (ServerSentEvent(data: ""), "data: \n\n"),
        (ServerSentEvent(name: "status", data: "a\nb"), "event: status\ndata: a\ndata: b\n\n"),
        (ServerSentEvent(data: "a\r\nb\rc\n"), "data: a\ndata: b\ndata: c\ndata: \n\n"),
        (ServerSentEvent(data: "event: x\n\ndata: y"), "data: event: x\ndata: \ndata: data: y\n\n"),
    ])
    func `every line of the data stays data`(event: ServerSentEvent, text: String) {
        #expect(event.text == text)
    }
}
