/// Why an address is not posted to. The texts name its host at most: user info, path and query may hold secrets.
package enum TargetError: Error, Equatable {
    case notHTTP
    case tooLong
    case badCharacter
    case userInfo
    case fragment
    case badHost
    case badPort
    case notAllowed(host: String)
    case badRule(Int)
    case tooManyRules(Int)
}

extension TargetError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notHTTP: "the target's address must begin with https:// or http://"
        case .tooLong: "the target's address is longer than \(TargetURL.bytesMax) bytes"
        case .badCharacter:
            "the target's address holds a character that must be percent-encoded; a host beyond ASCII is written xn--…"
        case .userInfo:
            "the target's address holds a user name or password, which requests are not sent with; take it out"
        case .fragment: "the target's address holds a fragment (#…), which is never sent; take it out"
        case .badHost: "the target's host is neither a name, nor an IPv4 address as a.b.c.d, nor an IPv6 address in [ ]"
        case .badPort: "the target's port is not a number from 1 to 65535"
        case .notAllowed(let host):
            "the target \(host) is not on the list of allowed hosts; add it, or change the address"
        case .badRule(let number):
            "allowed host number \(number) is none of host, host:port, *.example.com, *.example.com:port"
        case .tooManyRules(let count): "there are \(count) allowed hosts, at most \(TargetRules.rulesMax) can be given"
        }
    }
}
