package import Kafka
package import Operations
internal import TextOutput

/// Tokens stand for parts of a record, escapes for bytes. Nothing is added: a line feed at the end is written as `\n`.
package struct RecordTemplate: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case bytes([UInt8])
        case topic, partition, offset, timestamp, key, keyLength, value, valueLength, valueLengthBytes, headers
        case header(name: String)
    }

    let pieces: [Piece]
    private let isForTerminal: Bool

    static let known = SettingType.recordTokens

    /// For a terminal, harmful characters of a record's parts are shown as dots; the template's own bytes stay.
    package init(_ text: String, flag: String = "--format", isForTerminal: Bool = false) throws(UsageError) {
        self.isForTerminal = isForTerminal
        var parser = Parser(text, flag)
        pieces = try parser.pieces()
    }

    private static let tokens: [Unicode.Scalar: Piece] = [
        "t": .topic, "p": .partition, "o": .offset, "T": .timestamp, "k": .key, "K": .keyLength, "s": .value,
        "S": .valueLength, "R": .valueLengthBytes, "h": .headers, "%": .bytes([UInt8(ascii: "%")]),
    ]

    private static let escapes: [Unicode.Scalar: UInt8] = ["n": 0x0A, "r": 0x0D, "t": 0x09, "\\": 0x5C]

    private struct Parser {
        private let scalars: [Unicode.Scalar]
        private let flag: String
        private var next = 0

        init(_ text: String, _ flag: String) {
            scalars = Array(text.unicodeScalars)
            self.flag = flag
        }

        mutating func pieces() throws(UsageError) -> [Piece] {
            var pieces: [Piece] = []
            while let scalar = take() {
                let piece: Piece =
                    switch scalar {
                    case "%": try token()
                    case "\\": .bytes([try escape()])
                    default: .bytes(Array(String(scalar).utf8))
                    }
                // Adjacent bytes are written at once.
                if case .bytes(let more) = piece, case .bytes(let before) = pieces.last {
                    pieces[pieces.count - 1] = .bytes(before + more)
                } else {
                    pieces.append(piece)
                }
            }
            return pieces
        }

        private mutating func take() -> Unicode.Scalar? {
            guard next < scalars.count else { return nil }
            defer { next += 1 }
            return scalars[next]
        }

        private mutating func token() throws(UsageError) -> Piece {
            let start = next - 1
            guard let scalar = take() else { throw unknown(from: start, "a token") }
            if let piece = tokens[scalar] { return piece }
            guard scalar == "{" else { throw unknown(from: start, "a token") }
            var name = String.UnicodeScalarView()
            while let scalar = take(), scalar != "}" { name.append(scalar) }
            guard !name.isEmpty, scalars[next - 1] == "}" else { throw unknown(from: start, "a token") }
            return .header(name: String(name))
        }

        private mutating func escape() throws(UsageError) -> UInt8 {
            let start = next - 1
            let scalar = take()
            if let scalar, let byte = escapes[scalar] { return byte }
            guard scalar == "x", let high = digit(), let low = digit() else { throw unknown(from: start, "an escape") }
            return high << 4 | low
        }

        private mutating func digit() -> UInt8? {
            guard let scalar = take(), scalar.isASCII else { return nil }
            return Character(scalar).hexDigitValue.map { UInt8($0) }
        }

        private func unknown(from start: Int, _ what: String) -> UsageError {
            var part = String.UnicodeScalarView()
            part.append(contentsOf: scalars[start..<next])
            let shown = PlainText.cut(String(part), columns: 40).text
            return UsageError("\(flag): \(shown) at character \(start + 1) is not \(what); write \(known)")
        }
    }

    /// A missing number and the length of null are -1; null is nothing, and `NULL` in the list of all headers.
    package func write(_ record: borrowing Record, to buffer: inout [UInt8]) {
        for piece in pieces {
            guard isForTerminal else {
                write(piece, of: record, to: &buffer)
                continue
            }
            if case .bytes(let bytes) = piece {
                buffer.append(contentsOf: bytes)
                continue
            }
            var part: [UInt8] = []
            write(piece, of: record, to: &part)
            buffer.append(contentsOf: PlainText.word(String(decoding: part, as: UTF8.self)).utf8)
        }
    }

    private func write(_ piece: Piece, of record: borrowing Record, to buffer: inout [UInt8]) {
        switch piece {
        case .bytes(let bytes): buffer.append(contentsOf: bytes)
        case .topic: buffer.append(contentsOf: record.topic.utf8)
        case .partition: buffer.append(number: record.partition.map(Int64.init))
        case .offset: buffer.append(number: record.offset)
        case .timestamp: buffer.append(number: record.timestampMilliseconds)
        case .key: buffer.append(contentsOf: record.key ?? [])
        case .keyLength: buffer.append(number: (record.key?.count).map(Int64.init))
        case .value: buffer.append(contentsOf: record.value ?? [])
        case .valueLength: buffer.append(number: (record.value?.count).map(Int64.init))
        case .valueLengthBytes:
            let length = UInt32(bitPattern: Int32(clamping: record.value?.count ?? -1))
            for shift in stride(from: UInt32(24), through: 0, by: -8) {
                buffer.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        case .headers: buffer.append(headersOf: record)
        case .header(let name): buffer.append(contentsOf: record.header(name) ?? [])
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: Int64?) { append(contentsOf: String(number ?? -1).utf8) }

    fileprivate mutating func append(headersOf record: borrowing Record) {
        var list: [UInt8] = []
        record.forEachHeader { name, value in
            if !list.isEmpty { list.append(UInt8(ascii: ",")) }
            list.append(contentsOf: name.copied)
            list.append(UInt8(ascii: "="))
            if let value { list.append(contentsOf: value.copied) } else { list.append(contentsOf: "NULL".utf8) }
        }
        append(contentsOf: list)
    }
}
