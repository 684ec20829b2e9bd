internal import FoundationEssentials

extension GroupReport {
    /// The report for programs: one JSON object with sorted names. What is not known is left out.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("Texts, whole numbers and lists of them can always be written as JSON.")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
