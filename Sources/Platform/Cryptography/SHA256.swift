import COpenSSL

/// SHA-256 in one shot.
package enum SHA256 {
    /// The digest of a message.
    package static func digest(_ message: Span<UInt8>) -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var output = digest.mutableSpan
        let isDone = output.withUnsafeMutableBufferPointer { output in
            message.withUnsafeBufferPointer { message in
                EVP_Digest(message.baseAddress, message.count, output.baseAddress, nil, EVP_sha256(), nil)
            }
        }
        precondition(isDone == 1, "OpenSSL must compute SHA-256.")
        return digest
    }
}
