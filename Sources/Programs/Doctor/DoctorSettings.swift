package import Kafka
package import Subscriptions

/// What `doctor` is told: the settings of the edge that it looks at, and its own.
package struct DoctorSettings: Sendable {
    package let client: ClientSettings
    package var topic: String
    package var deadLetterTopic: String
    package var subscriptionsTopic: String
    /// Path of the deliveries, for the public URL.
    package var path = "/notion/webhooks"
    /// The tokens that are active by the settings.
    package var tokens: [Fingerprint] = []
    package var keys = SealingKeys([])
    package var isEnrolmentOpen = false
    package var isSignatureOptional = false
    package var bodyBytesMax = 1 << 20
    package var operations: OperationsAddress = .notGiven
    package var publicURL: PublicURL?
    /// PEM file of the authorities that the public URL is verified against; nil takes the system's.
    package var authoritiesFile: String?
    package var apiToken: APIToken?
    package var apiURL = "https://api.notion.com"
    /// How far back the topics are read.
    package var window: Duration = .seconds(7 * 86_400)
    /// Limit: of each question that is asked.
    package var timeout: Duration = .seconds(10)

    package init(client: ClientSettings, topic: String, deadLetterTopic: String, subscriptionsTopic: String) {
        self.client = client
        self.topic = topic
        self.deadLetterTopic = deadLetterTopic
        self.subscriptionsTopic = subscriptionsTopic
    }
}

/// A token of Notion's API. It shows nowhere.
package struct APIToken: Sendable, CustomStringConvertible, CustomReflectable {
    let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { "<API token>" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// Where the edge's operations port is.
package enum OperationsAddress: Sendable, Equatable {
    /// `http://127.0.0.1:9090`.
    case url(String)
    /// A Unix socket or a port that the kernel chose: nobody can be asked there from outside.
    case notGiven
}
