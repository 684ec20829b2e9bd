package import Kafka
package import NotionEvents
package import OrderedConsumer

/// What `redrive` is asked for.
package struct RedriveOptions: Sendable {
    /// How the cluster is reached.
    package var client: ClientSettings
    /// Whose dead letters.
    package var topics: GroupTopics
    /// Only those with this key.
    package var entity: String?
    /// Only those of these event types.
    package var types = TypePatterns([])
    /// Only those with one of these reasons; empty means all.
    package var reasons: Set<String> = []
    /// Those that were sent back that often already stay.
    package var redrivesMax = 3
    /// Records a second; nil is no limit.
    package var rate: Double?
    /// Counts, and sends nothing.
    package var isDryRun = false
    /// The longest wait for the group to handle what was sent; zero does not wait.
    package var wait = Duration.seconds(60)
    /// Limit: bytes of dead letters that are held at once; further keys are left for the next run.
    package var bytesMax = 256 << 20
    /// Limit: a key gets new dead letters while its old ones are handled; then it is looked at again, so often.
    package var roundsMax = 10

    package init(client: ClientSettings, topics: GroupTopics) {
        self.client = client
        self.topics = topics
    }
}
