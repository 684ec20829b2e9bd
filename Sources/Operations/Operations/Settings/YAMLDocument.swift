internal import CYAML

/// As dotted paths: `kafka: {options: {linger.ms: 5}}` is one entry `kafka.options.linger.ms`. A strict subset of YAML:
/// one document, mappings whose keys are plain texts, lists of texts, texts. Anchors, aliases, tags, a second document
/// and a path that occurs twice are refused, so that a file means what it shows, and cannot expand while it is read.
struct YAMLDocument: Equatable {
    struct Entry: Equatable {
        enum Value: Equatable {
            case text(String)
            case list([String])
            /// A key with nothing after it.
            case nothing
        }

        let path: String
        let line: Int
        let value: Value
    }

    struct Refusal: Error, Equatable {
        let line: Int
        let reason: String
    }

    // Limit: a configuration with every setting in it is 4 KiB; these stop a wrong file early.
    static let bytesMax = 256 * 1024
    static let depthMax = 16
    static let entriesMax = 2000

    private(set) var entries: [Entry] = []

    init(_ bytes: [UInt8]) throws(Refusal) {
        guard bytes.count <= Self.bytesMax else {
            throw Refusal(line: 1, reason: "the file is larger than \(SettingValue.bytes(Self.bytesMax))")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(line: 1, reason: "the file is not UTF-8")
        }
        let events = EventReader(Array(text.utf8))
        defer { events.close() }
        var builder = Builder()
        var event = try events.next()
        while event.kind != .end {
            try builder.take(event)
            event = try events.next()
        }
        entries = builder.entries
    }

    fileprivate struct Event {
        enum Kind: Equatable {
            case scalar(String, isPlain: Bool)
            case mappingStart, mappingEnd, sequenceStart, sequenceEnd, documentStart, ignored, end
        }

        let kind: Kind
        let line: Int
    }

    fileprivate struct Builder {
        private enum Level {
            /// In a mapping under this path; `key` waits for its value. Lines are those of the keys.
            case mapping(path: String, line: Int, key: (text: String, line: Int)?, isEmpty: Bool)
            case list(path: String, line: Int, items: [String])
        }

        private var levels: [Level] = []
        private(set) var entries: [Entry] = []
        private var lineByPath: [String: Int] = [:]
        private var documentCount = 0

        mutating func take(_ event: Event) throws(Refusal) {
            switch event.kind {
            case .documentStart:
                documentCount += 1
                guard documentCount == 1 else { throw Refusal(line: event.line, reason: "a second document") }
            case .scalar(let text, let isPlain): try scalar(text, isPlain: isPlain, line: event.line)
            case .mappingStart:
                try open(event.line) { path, line in .mapping(path: path, line: line, key: nil, isEmpty: true) }
            case .sequenceStart: try open(event.line) { path, line in .list(path: path, line: line, items: []) }
            case .mappingEnd: try closeMapping()
            case .sequenceEnd: try closeList()
            case .ignored, .end: break
            }
        }

        private mutating func scalar(_ text: String, isPlain: Bool, line: Int) throws(Refusal) {
            switch levels.popLast() {
            case nil:
                // A document of nothing but comments is one empty plain scalar, or none at all.
                guard isPlain, text.isEmpty else { throw Refusal(line: line, reason: "expected `key: value`") }
            case .mapping(let path, let start, nil, _):
                try checkKey(text, line)
                levels.append(.mapping(path: path, line: start, key: (text, line), isEmpty: false))
            case .mapping(let path, let start, let key?, _):
                levels.append(.mapping(path: path, line: start, key: nil, isEmpty: false))
                let isNothing = isPlain && ["", "~", "null"].contains(text)
                let value = isNothing ? Entry.Value.nothing : .text(text)
                try add(Entry(path: Self.join(path, key.text), line: key.line, value: value))
            case .list(let path, let start, var items):
                guard items.count < YAMLDocument.entriesMax else {
                    throw Refusal(line: line, reason: "too long a list")
                }
                items.append(text)
                levels.append(.list(path: path, line: start, items: items))
            }
        }

        private mutating func open(_ line: Int, _ level: (String, Int) -> Level) throws(Refusal) {
            guard levels.count < YAMLDocument.depthMax else {
                throw Refusal(line: line, reason: "nested deeper than \(YAMLDocument.depthMax)")
            }
            switch levels.popLast() {
            case nil:
                let first = level("", line)
                guard case .mapping = first else { throw Refusal(line: line, reason: "expected `key: value`") }
                levels.append(first)
            case .mapping(_, _, nil, _): throw Refusal(line: line, reason: "a key is neither a list nor a mapping")
            case .mapping(let path, let start, let key?, _):
                levels.append(.mapping(path: path, line: start, key: nil, isEmpty: false))
                levels.append(level(Self.join(path, key.text), key.line))
            case .list: throw Refusal(line: line, reason: "a list holds texts, not lists or mappings")
            }
        }

        private mutating func closeMapping() throws(Refusal) {
            guard case .mapping(let path, let line, _, let isEmpty) = levels.popLast(), isEmpty, !path.isEmpty else {
                return
            }
            try add(Entry(path: path, line: line, value: .nothing))
        }

        private mutating func closeList() throws(Refusal) {
            guard case .list(let path, let line, let items) = levels.popLast() else { return }
            try add(Entry(path: path, line: line, value: .list(items)))
        }

        private mutating func add(_ entry: Entry) throws(Refusal) {
            guard entries.count < YAMLDocument.entriesMax else {
                throw Refusal(line: entry.line, reason: "more than \(YAMLDocument.entriesMax) entries")
            }
            if let earlier = lineByPath.updateValue(entry.line, forKey: entry.path) {
                throw Refusal(line: entry.line, reason: "\(entry.path) stands twice, first in line \(earlier)")
            }
            entries.append(entry)
        }

        private func checkKey(_ text: String, _ line: Int) throws(Refusal) {
            let isClean = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
            guard isClean, (1...200).contains(text.utf8.count) else {
                throw Refusal(line: line, reason: "a key is 1 to 200 visible ASCII characters")
            }
        }

        private static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    }
}

/// libyaml's parser and the bytes it reads, which it does not copy.
private final class EventReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        let isInitialised = yaml_parser_initialize(parser) == 1
        precondition(isInitialised, "libyaml could not allocate its parser.")
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    // Safety: called once, by the scope that made the reader; nothing is read afterwards.
    func close() {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    func next() throws(YAMLDocument.Refusal) -> YAMLDocument.Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            // libyaml's sentence names the grammar, never the text it stumbled over.
            let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
            throw YAMLDocument.Refusal(line: Int(parser.pointee.problem_mark.line) + 1, reason: problem)
        }
        defer { yaml_event_delete(&event) }
        let line = Int(event.start_mark.line) + 1
        return YAMLDocument.Event(kind: try Self.kind(of: event, line), line: line)
    }

    private static func kind(
        of event: yaml_event_t,
        _ line: Int
    ) throws(YAMLDocument.Refusal) -> YAMLDocument.Event.Kind {
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag, line)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_MAPPING_START_EVENT:
            try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, line)
            return .mappingStart
        case YAML_SEQUENCE_START_EVENT:
            try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, line)
            return .sequenceStart
        case YAML_ALIAS_EVENT: throw YAMLDocument.Refusal(line: line, reason: "aliases (*name) are not supported")
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .end
        default: return .ignored
        }
    }

    private static func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?,
        tag: UnsafeMutablePointer<yaml_char_t>?,
        _ line: Int
    ) throws(YAMLDocument.Refusal) {
        guard anchor == nil else { throw YAMLDocument.Refusal(line: line, reason: "anchors (&name) are not supported") }
        guard tag == nil else { throw YAMLDocument.Refusal(line: line, reason: "tags (!name) are not supported") }
    }
}
