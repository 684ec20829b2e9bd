/// Where reading a partition begins.
public enum Position: Sendable, Equatable {
    /// The oldest record that is still kept.
    case beginning
    /// The first record that comes after now.
    case end
    /// This offset; out of range means the beginning.
    case offset(Int64)
    /// The first record with this time or a later one, in milliseconds since 1970; the end if there is none.
    case timestamp(milliseconds: Int64)
}
