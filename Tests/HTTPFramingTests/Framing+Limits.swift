import HTTPFraming
import TestSupport

/// Limits that are small enough for the corpus to reach them.
extension Framing {
    static var limits: Limits {
        var limits = Limits()
        limits.requestLineBytesMax = 64
        limits.headBytesMax = 256
        limits.fieldCountMax = 8
        return limits
    }

    static let bodyBytesMax = 16
}
