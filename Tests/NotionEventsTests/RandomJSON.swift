import NotionEvents
import TestSupport

/// JSON that can be spelled in many ways.
indirect enum RandomJSON {
    case string(String)
    /// A UUID in canonical form.
    case id(String)
    case raw(String)
    case array([RandomJSON])
    case object([(String, RandomJSON)])

    static func reference(_ reference: Event.Reference) -> RandomJSON {
        .object([("type", .string(reference.type ?? "")), ("id", .id(reference.id ?? ""))])
    }

    /// One of the spellings, with white space around it.
    func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        switch self {
        case .string(let string): text = Self.quoted(string, &random)
        case .id(let id): text = Self.quoted(Self.spelling(id, &random), &random)
        case .raw(let raw): return raw
        case .array(let elements):
            text = "[" + elements.map { $0.text(&random) }.joined(separator: ",") + Self.space(&random) + "]"
        case .object(let members):
            let texts = members.shuffled(using: &random).map { name, value in
                RandomJSON.string(name).text(&random) + ":" + value.text(&random)
            }
            text = "{" + texts.joined(separator: ",") + Self.space(&random) + "}"
        }
        return Self.space(&random) + text + Self.space(&random)
    }

    static func space(_ random: inout SeededGenerator) -> String {
        ["", "", "", " ", "\n", "\t\r\n "].randomElement(using: &random) ?? ""
    }

    static func trimmed(_ text: String) -> String {
        let isSpace: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }
        let scalars = text.unicodeScalars.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return String(String.UnicodeScalarView(scalars))
    }

    private static func spelling(_ id: String, _ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: id.replacing("-", with: "")
        case 1: id.uppercased()
        case 2: id.replacing("-", with: "").uppercased()
        default: id
        }
    }

    private static func quoted(_ string: String, _ random: inout SeededGenerator) -> String {
        let share = [0, 0, 10, 100].randomElement(using: &random) ?? 0
        var text = "\""
        for scalar in string.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if mustEscape || Int.random(in: 0..<100, using: &random) < share {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
