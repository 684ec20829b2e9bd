package import HTTPClient

/// What came back for a request with a wrong signature, which the edge refuses.
package enum ProbeAnswer: Sendable, Equatable {
    case answered(Answer)
    case failed(ClientError)

    package struct Answer: Sendable, Equatable {
        package let status: Int
        /// The word in our own answers: `{"error":"unsigned",…}`; nil for those of others.
        package var outcome: String?
        package var isHTML = false
        /// Of a redirect; without query.
        package var location: String?
        /// The server's name for itself.
        package var server: String?

        package init(status: Int, outcome: String? = nil) {
            self.status = status
            self.outcome = outcome
        }
    }
}

/// What the public URL says.
package struct URLFacts: Sendable, Equatable {
    package let url: PublicURL
    package let answer: ProbeAnswer
    /// The address that answered; empty when it is not known.
    package var remoteAddress = ""
    /// Milliseconds since 1970.
    package var certificateEnds: Int64?

    package init(url: PublicURL, answer: ProbeAnswer) {
        self.url = url
        self.answer = answer
    }
}
