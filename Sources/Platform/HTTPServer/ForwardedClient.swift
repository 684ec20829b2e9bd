import HTTPFraming

/// The client that a trusted proxy names, by `Forwarded` (RFC 7239) or `X-Forwarded-For`.
enum ForwardedClient {
    /// Walks from the nearest hop outwards while the hop that speaks is trusted, and returns the first that is not.
    /// What cannot be read ends the walk. Both headers together end it at the peer: a proxy writes one of them, and the
    /// other would be the client's own.
    static func address(of head: borrowing RequestHead, peer: ClientAddress, trusted: [AddressRange]) -> ClientAddress {
        guard trusted.contain(peer) else { return peer }
        let forwarded = values(of: head, "forwarded")
        let older = values(of: head, "x-forwarded-for")
        guard forwarded.isEmpty || older.isEmpty else { return peer }
        let hops =
            forwarded.isEmpty
            ? older.map { ClientAddress(text: trimmed($0)) } : elements(of: forwarded).map(node)
        var client = peer
        for hop in hops.reversed() where trusted.contain(client) {
            guard let hop else { break }
            client = hop
        }
        return client
    }

    /// The parts between the commas of all fields of a name, in their order. Commas in quotes count too: addresses have
    /// none, so what is cut there cannot be read, which is what it should be.
    private static func values(of head: borrowing RequestHead, _ name: String) -> [Substring] {
        var values: [Substring] = []
        for index in 0..<head.fieldCount where head.name(index).isEqualIgnoringCase(toLowerCase: name) {
            values += head.value(index).text.split(separator: ",", omittingEmptySubsequences: false)
        }
        return values
    }

    private static func elements(of values: [Substring]) -> [[Substring]] {
        values.map { $0.split(separator: ";").map(trimmed) }
    }

    /// The address of one element's only `for`.
    private static func node(_ parameters: [Substring]) -> ClientAddress? {
        let nodes = parameters.filter { $0.prefix(4).lowercased() == "for=" }.map { $0.dropFirst(4) }
        guard nodes.count == 1, var node = nodes.first else { return nil }
        if node.hasPrefix("\"") {
            guard node.count >= 2, node.hasSuffix("\"") else { return nil }
            node = node.dropFirst().dropLast()
        }
        // IPv6 must stand in brackets there, so that a port can follow.
        guard node.hasPrefix("[") || node.count(where: { $0 == ":" }) < 2 else { return nil }
        return ClientAddress(text: node)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text.drop { $0 == " " || $0 == "\t" }
    }
}

extension Request {
    /// The client itself, where the peer is a proxy that is trusted to name it; the peer otherwise.
    package func client(trusting proxies: [AddressRange]) -> ClientAddress {
        proxies.isEmpty ? client : ForwardedClient.address(of: head, peer: client, trusted: proxies)
    }
}
