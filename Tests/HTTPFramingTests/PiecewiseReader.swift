import HTTPFraming
import TestSupport

/// Feeds a parser with pieces the way a connection does, and says what was read in the words of `Framings.txt`.
struct PiecewiseReader {
    static func outcome(of pieces: [ArraySlice<UInt8>]) -> String {
        var parser = RequestParser(limits: Framing.limits)
        var buffer: [UInt8] = []
        var outcomes: [String] = []
        var inBody = false
        for piece in pieces {
            buffer += piece
            reading: while !buffer.isEmpty {
                if !inBody {
                    switch parser.parseHead(buffer.span) {
                    case .needMore: break reading
                    case .refused(let refusal):
                        return (outcomes + ["refused \(refusal.rawValue)"]).joined(separator: "; ")
                    case .done: break
                    }
                    do throws(Refusal) {
                        try parser.beginBody(bytesMax: Framing.bodyBytesMax)
                    } catch {
                        return (outcomes + ["refused \(error.rawValue)"]).joined(separator: "; ")
                    }
                    inBody = true
                }
                var span = buffer.mutableSpan
                switch parser.parseBody(&span) {
                case .needMore:
                    if parser.isChunked {
                        buffer.removeSubrange(parser.retainedCount...)
                        parser.dropDecoded()
                    }
                    break reading
                case .refused(let refusal):
                    return (outcomes + ["refused \(refusal.rawValue)"]).joined(separator: "; ")
                case .done:
                    outcomes.append(description(of: parser, buffer))
                    buffer.removeSubrange(..<parser.requestEnd)
                    parser.reset()
                    inBody = false
                }
            }
        }
        return (outcomes + (buffer.isEmpty ? [] : ["incomplete"])).joined(separator: "; ")
    }

    private static func description(of parser: borrowing RequestParser, _ buffer: [UInt8]) -> String {
        let head = parser.head(over: buffer.span)
        let body = String(decoding: buffer[parser.body], as: UTF8.self)
        return "\(head.method.text) \(head.target.text) \"\(body)\""
    }

    /// The bytes cut at these places, in rising order.
    static func outcome(of bytes: [UInt8], cutAt cuts: [Int]) -> String {
        let edges = [0] + cuts + [bytes.count]
        return outcome(of: zip(edges, edges.dropFirst()).map { bytes[$0..<$1] })
    }
}

/// Limits that are small enough for the corpus to reach them.
extension Framing {
    static var limits: Limits {
        var limits = Limits()
        limits.requestLineBytesMax = 64
        limits.headBytesMax = 256
        limits.fieldCountMax = 8
        return limits
    }

    static let bodyBytesMax = 16
}
