/// What came of looking at something.
package enum Reading<Facts: Sendable>: Sendable {
    case read(Facts)
    /// Why it could not be read; the end of a sentence.
    case failed(String)

    package var facts: Facts? {
        guard case .read(let facts) = self else { return nil }
        return facts
    }
}
