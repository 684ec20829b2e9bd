package import HTTPClient

/// What an answer says about the service's load.
package enum LoadSign: Sendable, Equatable {
    /// It does its work; how long it took can be compared.
    case answered
    /// It says that it has too much to do, or cannot say anything.
    case overloaded
    /// Nothing: the service is broken in another way, or the fault is ours.
    case unclear

    /// 502 and 504 are a proxy's words for a service that does not keep up, as Standard Webhooks reads them too.
    package init(_ answer: Result<ClientResponse, ClientError>) {
        switch answer {
        case .success(let response):
            switch response.status {
            case 429, 502, 503, 504: self = .overloaded
            case 200...499: self = .answered
            default: self = .unclear
            }
        case .failure(.timedOut), .failure(.couldNotConnect), .failure(.connectionLost), .failure(.tls):
            self = .overloaded
        case .failure: self = .unclear
        }
    }
}
