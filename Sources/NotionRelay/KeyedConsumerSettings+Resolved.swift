import Kafka
import Operations
import OrderedConsumer

extension KeyedConsumerSettings {
    /// What a command that consumes is told by its settings.
    init(_ settings: ResolvedSettings, client: ClientSettings) throws {
        var group = GroupConsumerSettings(client: client, group: settings.string(.group))
        group.start = GroupConsumerSettings.Start(rawValue: settings.string(.start)) ?? .beginning
        group.assignor = GroupConsumerSettings.Assignor(rawValue: settings.string(.assignor)) ?? .cooperativeSticky
        group.instanceID = settings.string(ifSet: .instanceID)
        group.sessionTimeoutMilliseconds = settings.duration(.sessionTimeout).wholeMilliseconds
        self.init(group, topics: try GroupTopics(topic: settings.string(.topic), group: settings.string(.group)))
        lanesMax = settings.int(.lanes)
        recordsMax = settings.int(.recordsMax)
        bytesMax = settings.bytes(.recordBytesMax)
        retry = RetryPolicy(
            attemptsMax: settings.int(.attempts),
            firstDelay: settings.duration(.retryDelay),
            delayMax: settings.duration(.retryDelayMax)
        )
        afterDeadLetter = AfterDeadLetter(rawValue: settings.string(.afterDeadLetter)) ?? .park
        parkedKeysMax = settings.int(.parkedKeysMax)
        reorderWindow = settings.duration(.reorderWindow)
        isCoalescing = settings.flag(.coalesce)
        dedupeWindow = settings.int(.dedupeWindow)
        skipsReplays = settings.flag(.skipReplays)
        writesSpringHeaders = settings.flag(.springHeaders)
        commitInterval = settings.duration(.commitInterval)
        let deadlines = StopDeadlines(gracePeriod: settings.duration(.gracePeriod))
        // A stop takes all three, one after the other.
        drainDeadline = deadlines.drain - deadlines.flush
        cancelDeadline = deadlines.flush
        commitDeadline = deadlines.flush
    }
}
