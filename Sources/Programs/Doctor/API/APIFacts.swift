package import HTTPClient

/// What Notion's API answers to the token.
package struct APIFacts: Sendable, Equatable {
    package enum Answer: Sendable, Equatable {
        case failed(ClientError)
        /// The error's `code`, such as `object_not_found`; nil with 200 and for answers of others.
        case status(Int, code: String?)
    }

    package struct Entity: Sendable, Equatable {
        package let entity: RecentEvents.Entity
        package let answer: Answer

        package init(_ entity: RecentEvents.Entity, _ answer: Answer) {
            self.entity = entity
            self.answer = answer
        }
    }

    package let me: Answer
    /// Empty where the API does not say.
    package var botID = ""
    package var workspaceID = ""
    package var entities: [Entity] = []
    /// To a question for the comments of a page that had events; nil without such a page.
    package var comments: Answer?

    package init(me: Answer) {
        self.me = me
    }

    /// Whether the connection may read comments; nil when that is not known.
    var commentsAllowed: Bool? {
        switch comments {
        case .status(200, _)?: true
        case .status(403, _)?: false
        default: nil
        }
    }

    /// Whether something was found that events came from.
    var hasAccess: Bool {
        entities.contains { $0.answer == .status(200, code: nil) }
    }
}
