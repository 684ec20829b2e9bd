/// A topic as one ``Producer`` knows it. Cheap to copy; valid until that producer is closed.
///
/// Safety: the pointer is only used by the producer whose number it carries, which checks the number first.
public struct Topic: @unchecked Sendable {
    /// The topic's name.
    public let name: String

    let pointer: OpaquePointer
    let producerNumber: Int
}
