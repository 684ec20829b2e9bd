/// Now, on both clocks: the steady one for what is awaited, and the wall's for what people read.
struct Moment: Sendable {
    /// Since some point in the past; never goes back.
    let steady: Duration
    /// Milliseconds since 1970.
    let wall: Int64
}
