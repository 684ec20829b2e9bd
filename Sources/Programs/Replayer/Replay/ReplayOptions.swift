package import Kafka
package import NotionWebhooks
package import RecordOutput

/// What a run of a replay is given beyond its request: it may differ from run to run.
package struct ReplayOptions: Sendable {
    package var client: ClientSettings
    package let request: ReplayRequest
    let filter: RecordFilter
    package var pace = ReplayPace.full
    /// Reads and counts, and sends nothing.
    package var isDryRun = false
    /// For stored bodies: the tokens that may have signed them.
    package var tokens: [VerificationToken] = []
    /// The name under which it can be resumed; nil keeps no checkpoint.
    package var name: String?
    package var checkpointTopic = "notion.replays.v1"
    /// How long brokers or target may be silent before it is given up. Until then it says that it waits.
    package var silenceMax = Duration.seconds(300)
    /// How long what is under way may take once a stop was asked for.
    package var stopDeadline = Duration.seconds(30)

    /// Throws when the request's filter is none.
    package init(client: ClientSettings, request: ReplayRequest) throws(RecordFilterError) {
        self.client = client
        self.request = request
        filter = try RecordFilter(arguments: request.filter)
    }
}
