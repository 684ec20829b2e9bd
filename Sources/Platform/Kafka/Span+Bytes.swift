extension Span where Element == UInt8 {
    /// Whether two runs of bytes are the same.
    @inlinable package func isEqual(to other: borrowing Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// The bytes in an array of their own.
    package var copied: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        return bytes
    }
}

/// Lets a `switch` over the bytes of a header's name have texts as its cases, without making anything of the bytes.
@inlinable package func ~= (wanted: String, name: Span<UInt8>) -> Bool {
    // Lengths are compared first, which decides most.
    wanted.utf8.count == name.count && name.isEqual(to: wanted.utf8.span)
}
