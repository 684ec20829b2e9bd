import CLinux
import Glibc
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

    var context: TLSContext { state.withLock { $0.context } }

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

/// Where a port's certificate lies. All files are PEM.
package struct TLSFiles: Equatable, Sendable {
    package let certificate: String
    /// Its private key, without a passphrase.
    package let key: String
    package let clientCA: String?

    package init(certificate: String, key: String, clientCA: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
    }

    func stamps() throws(TLSError) -> [FileStamp] {
        var stamps = [try FileStamp(certificate), try FileStamp(key)]
        if let clientCA { stamps.append(try FileStamp(clientCA)) }
        return stamps
    }
}

/// What tells one version of a file from the next: a change of any of these counts as a new one.
struct FileStamp: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int
    private let permissions: UInt32

    /// Follows symbolic links, as mounted secrets are made of them.
    init(_ path: String) throws(TLSError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw TLSError(file: path, reason: Socket.lastError()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw TLSError(file: path, reason: "this is no file") }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
        permissions = status.st_mode
    }

    /// Whoever has an account on the machine can read it.
    var isReadableByAll: Bool { permissions & S_IROTH != 0 }
}

/// Why a certificate, its key or the clients' authorities cannot be used.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    package let reason: String

    package var description: String { "\(file): \(reason)" }
}
