import HTTPFraming
import Testing

struct ResponseHeadTests {
    @Test func `a head is a status line and its fields`() {
        let head = ResponseHead(status: 405, fields: [("Allow", "POST"), ("X", "a\tb")])
        #expect(
            String(decoding: head.bytes, as: UTF8.self)
                == "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nX: a\tb\r\n"
        )
        #expect(!head.closes && !head.hasNoBody)
        #expect(ResponseHead(status: 204).hasNoBody)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ])
    func `a date is written as RFC 9110 wants it`(_ seconds: Int, text: String) {
        #expect(String(decoding: DateField.line(secondsSince1970: seconds), as: UTF8.self) == "Date: \(text)\r\n")
    }

    @Test func `a date written over another one is the later one alone`() {
        var line = DateField.line(secondsSince1970: 1_767_225_599)
        DateField.write(secondsSince1970: 784_111_777, into: &line)
        #expect(line == DateField.line(secondsSince1970: 784_111_777))
    }
}
