internal import FoundationEssentials

package enum SortedJSON {
    /// The bytes of a value that can always be written: texts, whole and finite numbers, lists of them.
    package static func bytes(_ value: some Encodable, inSnakeCase: Bool = false) -> [UInt8] {
        let encoder = JSONEncoder()
        if inSnakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("Texts, finite numbers and lists of them can always be written as JSON.")
        }
        return Array(data)
    }

    package static func text(_ value: some Encodable, inSnakeCase: Bool = false) -> String {
        String(decoding: bytes(value, inSnakeCase: inSnakeCase), as: UTF8.self)
    }
}
