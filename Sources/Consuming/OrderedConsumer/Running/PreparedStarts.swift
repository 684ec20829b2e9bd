import Synchronization

/// Hands the loop what was gathered about an assignment.
final class PreparedStarts: Sendable {
    private let result = Mutex<Result<[PartitionStart], any Error>?>(nil)

    func put(_ new: Result<[PartitionStart], any Error>) {
        result.withLock { $0 = new }
    }

    func take() -> Result<[PartitionStart], any Error>? {
        result.withLock { $0.take() }
    }
}
