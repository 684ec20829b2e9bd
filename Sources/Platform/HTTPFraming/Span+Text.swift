extension Span<UInt8> {
    /// A copy of the bytes as text; what is no UTF-8 becomes replacement characters.
    package var text: String {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for index in indices {
            copy.append(self[index])
        }
        return String(decoding: copy, as: UTF8.self)
    }

    package func isEqual(to text: String) -> Bool {
        isEqual(to: text.utf8.span)
    }

    /// Compares ASCII letters without regard to case; the given text is in lower case already.
    package func isEqualIgnoringCase(toLowerCase text: String) -> Bool {
        isEqualIgnoringCase(toLowerCase: text.utf8.span)
    }

    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] {
            return false
        }
        return true
    }

    func isEqualIgnoringCase(toLowerCase other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where ASCII.lowered(self[index]) != other[index] {
            return false
        }
        return true
    }
}
