import Kafka

/// What one lane has to have done next. Whoever takes it reports with ``Lanes/settle(_:_:at:)``.
struct LaneWork: Sendable {
    /// What is to be done.
    enum Step: Sendable {
        /// Call the handler.
        case handle(ConsumedRecord)
        /// Write records to the dead letters, in order. With `parking`, first the key's entry if it is new, and
        /// afterwards the entry with the place of the last one.
        case giveUp([(record: Record, letter: DeadLetter)], parking: ParkedKey?, isNew: Bool)
        /// Write an entry of the group's state.
        case write(StateEntry)
    }

    /// What became of it.
    enum Result: Sendable {
        case handled(Verdict)
        /// The places of the dead letters, in their order.
        case gaveUp([RecordPlace])
        case written
        /// The dead letter or the entry could not be written.
        case failed(String)
    }

    /// Who does it: the worker that asked.
    let worker: Int
    let lane: Int
    /// Tells this call from earlier and later ones of the lane.
    let serial: Int
    let step: Step
}
