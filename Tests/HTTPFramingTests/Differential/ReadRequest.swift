import HTTPFraming

/// A request as a reader understood it, in texts of Latin-1 so that every byte shows.
struct ReadRequest: Equatable, Decodable {
    struct Field: Equatable, Decodable {
        let name: String
        let value: String

        init(name: String, value: String) {
            self.name = name
            self.value = value
        }

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            name = try list.decode(String.self)
            value = try list.decode(String.self)
        }
    }

    let method: String
    let target: String
    private(set) var fields: [Field]
    private(set) var body: String
    /// The first byte behind the request.
    private(set) var end: Int
    /// Nothing is read behind it. Others do not say.
    private(set) var isLast = false

    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        method = try list.decode(String.self)
        target = try list.decode(String.self)
        fields = try list.decode([Field].self)
        body = try list.decode(String.self)
        end = try list.decode(Int.self)
    }

    var hasUpgrade: Bool { fields.contains { $0.name == "upgrade" } }

    var asReadByOthers: ReadRequest {
        var request = self
        request.isLast = false
        return request
    }

    /// As a reader sees it that takes the body for something else.
    func withoutBody(endingAt end: Int?) -> ReadRequest {
        var request = asReadByOthers
        request.body = ""
        request.end = end ?? self.end
        return request
    }

    /// The same request with other fields.
    func withFields(_ change: (String, String) -> (String, String)) -> ReadRequest {
        var request = self
        request.fields = fields.map { field in
            let (name, value) = change(field.name, field.value)
            return Field(name: name, value: value)
        }
        return request
    }

    enum Own: Equatable {
        case read(ReadRequest)
        case refused(Refusal)
        /// Nothing is read behind it, if its head is here.
        case incomplete(isLast: Bool)
    }

    /// How our parser reads the first request of a stream, under limits that no case reaches.
    static func own(_ stream: [UInt8]) -> Own {
        var parser = RequestParser(limits: Limits())
        var bytes = stream
        switch parser.parseHead(bytes.span) {
        case .needMore: return .incomplete(isLast: false)
        case .refused(let refusal): return .refused(refusal)
        case .done: break
        }
        let original = stream
        do throws(Refusal) {
            try parser.beginBody(bytesMax: 1 << 20)
        } catch {
            return .refused(error)
        }
        var span = bytes.mutableSpan
        switch parser.parseBody(&span) {
        case .needMore: return .incomplete(isLast: !parser.keepsAlive)
        case .refused(let refusal): return .refused(refusal)
        case .done: return .read(ReadRequest(parser, head: original, decoded: bytes))
        }
    }

    private init(_ parser: borrowing RequestParser, head bytes: [UInt8], decoded: [UInt8]) {
        let head = parser.head(over: bytes.span)
        method = Self.text(head.method)
        target = Self.text(head.target)
        var fields: [Field] = []
        for index in 0..<head.fieldCount {
            fields.append(Field(name: Self.text(head.name(index)).lowercased(), value: Self.text(head.value(index))))
        }
        self.fields = fields
        body = Self.text(decoded.span.extracting(parser.body))
        end = parser.requestEnd
        isLast = !parser.keepsAlive
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for index in bytes.indices { text.append(Unicode.Scalar(bytes[index])) }
        return String(text)
    }
}
