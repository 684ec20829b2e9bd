import Synchronization

/// The certificate that a port shows, loaded anew when its files change.
package final class TLSIdentity: Sendable {
    package enum Refresh: Equatable, Sendable {
        case unchanged
        case loaded
        /// The files have changed and cannot be used; what was loaded before stays. Said once for each change.
        case refused(TLSError)
    }

    private struct State {
        var context: TLSContext
        var stamps: [FileStamp]
        /// Of files that were refused; nil stands for files that could not be looked at.
        var refused: [FileStamp]??
    }

    package let files: TLSFiles
    private let state: Mutex<State>

    package init(_ files: TLSFiles) throws(TLSError) {
        self.files = files
        // The stamps come first: files that change meanwhile are taken for changed next time.
        let stamps = try files.stamps()
        state = Mutex(State(context: try TLSContext(files), stamps: stamps))
    }

    /// What new connections get.
    var context: TLSContext { state.withLock { $0.context } }

    /// When the certificate ends, in seconds since 1970.
    package var notAfter: Int { context.notAfter }

    /// The key can be read by every account of the machine.
    package var isKeyReadableByAll: Bool { state.withLock { $0.stamps[1].isReadableByAll } }

    /// Looks at the files and loads them if they are others. Open connections go on with what they have.
    package func refresh() -> Refresh {
        let stamps: [FileStamp]
        do throws(TLSError) {
            stamps = try files.stamps()
        } catch {
            return refuse(nil, error)
        }
        let isNew = state.withLock { state in
            if state.stamps == stamps { state.refused = nil }
            return state.stamps != stamps && state.refused != .some(stamps)
        }
        guard isNew else { return .unchanged }
        do throws(TLSError) {
            let context = try TLSContext(files)
            state.withLock { $0 = State(context: context, stamps: stamps) }
            return .loaded
        } catch {
            return refuse(stamps, error)
        }
    }

    private func refuse(_ stamps: [FileStamp]?, _ error: TLSError) -> Refresh {
        state.withLock { state in
            guard state.refused != .some(stamps) else { return .unchanged }
            state.refused = .some(stamps)
            return .refused(error)
        }
    }
}
