import NotionEvents
import Testing

@Suite
struct TraceContextTests {
    private func incoming(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        return TraceContext(bytes.span)?.description
    }

    @Test
    func `random bytes become a context`() {
        let context = TraceContext(random: InlineArray<24, UInt8> { UInt8($0 * 11) })
        #expect(context.description == "00-000b16212c37424d58636e79848f9aa5-b0bbc6d1dce7f2fd-01")
        #expect(incoming(context.description) == context.description)
    }

    @Test
    func `ids of zeros are avoided`() {
        let context = TraceContext(random: InlineArray<24, UInt8>(repeating: 0))
        #expect(context.description == "00-00000000000000000000000000000001-0000000000000001-01")
        #expect(incoming(context.description) != nil)
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
    ])
    func `a broken header is no context`(text: String) {
        #expect(incoming(text) == nil)
    }
}
