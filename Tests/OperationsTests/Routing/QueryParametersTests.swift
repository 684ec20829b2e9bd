import TestSupport
import Testing

@testable import Operations

struct QueryParametersTests {
    @Test(arguments: [
        ("", [], ""),
        ("a=1", ["a"], "1"),
        ("a=1&b=2", ["a", "b"], "1"),
        ("&&a=x+y&", ["a"], "x y"),
        ("a=%C3%A9%2B", ["a"], "é+"),
        ("a", ["a"], ""),
        ("a=b=c", ["a"], "b=c"),
        ("%61=%3D%26", ["a"], "=&"),
    ])
    func `a query is read as a form`(query: String, names: [String], first: String) throws {
        let parameters = try QueryParameters(query)
        #expect(parameters.names == names)
        #expect(try parameters.text("a") ?? "" == first)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "%=1", "a=%FF", "a=%C3"])
    func `an encoding that could be read in two ways is refused`(query: String) {
        #expect(throws: RoutingError.self) { try QueryParameters(query) }
    }

    @Test func `more parameters than any route knows are refused`() throws {
        _ = try QueryParameters(String(repeating: "a=1&", count: QueryParameters.countMax))
        #expect(throws: RoutingError.self) {
            try QueryParameters(String(repeating: "a=1&", count: QueryParameters.countMax + 1))
        }
    }

    @Test func `a wrong value is named with what is wanted`() throws {
        let parameters = try QueryParameters(
            "count=12&size=x&twice=1&twice=2&on&off=false&maybe=yes&big=99999999999999999999"
        )
        #expect(try parameters.integer("count", in: 1...100) == 12)
        #expect(try parameters.integer("none", in: 1...100) == nil)
        #expect(throws: RoutingError.badParameter("count", "a whole number from 1 to 9 is wanted")) {
            try parameters.integer("count", in: 1...9)
        }
        #expect(throws: RoutingError.self) { try parameters.integer("size", in: 1...9) }
        #expect(throws: RoutingError.self) { try parameters.integer("big", in: 1...9) }
        #expect(throws: RoutingError.badParameter("twice", "given 2 times")) { try parameters.text("twice") }
        #expect(parameters.all("twice") == ["1", "2"])
        #expect(try parameters.flag("on") == true)
        #expect(try parameters.flag("off") == false)
        #expect(try parameters.flag("none") == nil)
        #expect(throws: RoutingError.self) { try parameters.flag("maybe") }
    }

    @Test func `what was encoded comes back, and no bytes make it trap`() throws {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let texts = (0..<Int.random(in: 1...6, using: &random)).map { _ in Self.text(&random) }
            let query = texts.map { "k=\(Self.encoded($0))" }.joined(separator: "&")
            #expect(try QueryParameters(query).all("k") == texts, "\(random)")
            let bytes = (0..<30).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) }
            _ = try? QueryParameters(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let letters = Array("aZ09-_.~ +&=%/?#é€😀\u{0}\n\"")
        return String(
            (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in letters.randomElement(using: &random) }
        )
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            let digits = String(byte, radix: 16)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
