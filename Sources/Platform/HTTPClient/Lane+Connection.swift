import CCurl

/// What libcurl knows of the connection that the last exchange went over.
extension Lane {
    var remoteAddress: String {
        var opaque: UnsafeMutableRawPointer?
        guard relay_getinfo_pointer(easy, CURLINFO_PRIMARY_IP, &opaque) == CURLE_OK, let opaque else { return "" }
        return String(cString: opaque.assumingMemoryBound(to: CChar.self))
    }

    /// The first certificate is the server's own.
    var certificateEnd: String? {
        var opaque: UnsafeMutableRawPointer?
        guard relay_getinfo_pointer(easy, CURLINFO_CERTINFO, &opaque) == CURLE_OK, let opaque else { return nil }
        let chain = opaque.assumingMemoryBound(to: curl_certinfo.self).pointee
        guard chain.num_of_certs > 0, let lists = chain.certinfo else { return nil }
        var entry = lists[0]
        while let line = entry {
            let text = String(cString: line.pointee.data)
            if text.hasPrefix("Expire date:") { return String(text.dropFirst("Expire date:".count)) }
            entry = line.pointee.next
        }
        return nil
    }
}
