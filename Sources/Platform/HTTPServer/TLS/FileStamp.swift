import CLinux
import Glibc

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
