import EmbeddedKafka
import HTTPServer
import Kafka
import NotionWebhooks
import Operations
import Receiver

/// `dev`: the edge on an embedded cluster until Ctrl-C, with command lines to copy.
struct DevCommand {
    let context: CommandContext

    func run() async throws -> ExitStatus {
        let stop = context.stopOfService(after: context.settings[\.edge.stopDelay])
        let cluster = try EmbeddedCluster()
        defer { cluster.close() }
        let client = ClientSettings(bootstrapServers: [cluster.bootstrapServers])
        var settings = try ReceiverSettings(context.settings, client: client)
        try cluster.createTopic(settings.topic, partitions: context.settings[\.topics.partitions])
        try cluster.createTopic(settings.deadLetterTopic, partitions: 1)
        if settings.tokens.isEmpty, let token = VerificationToken("secret_dev_only") { settings.tokens = [token] }
        let service = try EdgeService(settings, context)
        try service.start()
        introduce(service, cluster)
        // Who cannot be told where the edge listens cannot use it.
        if StandardOutput.failure()?.isReaderGone == false { stop.raise() }
        _ = await stop.wait()
        return try await ReceiveCommand.stop(service, context)
    }

    private func introduce(_ service: EdgeService, _ cluster: EmbeddedCluster) {
        let settings = service.edge.settings
        let scheme = context.settings.isSet(\.tls.certificate) ? "https" : "http"
        let isUnix = settings.listen.isUnix
        let host = isUnix ? "localhost" : "127.0.0.1:\(service.edge.port)"
        let url = "\(scheme)://\(host)\(settings.path)"
        let way = isUnix ? "--unix-socket \(settings.listen.host) " : ""
        let body = Self.sample
        let isOwnToken = context.settings[\.edge.verificationTokens].isEmpty
        StandardStreams.post(
            """
            The edge listens on \(isUnix ? settings.listen.description : url), operations are on \
            \(service.operations.address).
            Kafka runs in this process at \(cluster.bootstrapServers): in memory only, the newest 5 MiB a partition.

            Send a signed delivery:
              curl -i \(way)\(url) -H 'Content-Type: application/json' \
            -H 'X-Notion-Signature: \(Signature.sign(Array(body.utf8).span, with: settings.tokens[0]))' \
            -d '\(body)'
            Read the topic:
              kcat -b \(cluster.bootstrapServers) -C -t \(settings.topic) -o beginning -f '%p/%o %k %h\\n%s\\n'
            """
        )
        if isOwnToken, !isUnix {
            StandardStreams.post(
                """
                Send many:
                  notion-relay simulate deliver --url \(url) --token secret_dev_only --count 1000 --ledger ledger.jsonl
                """
            )
        }
        StandardStreams.post("\nCtrl-C stops it.")
    }

    private static let sample =
        #"{"id":"3d653490-fc91-4c5c-a3ae-ef140e451295","timestamp":"2026-10-06T09:22:27.802Z","#
        + #""workspace_id":"b2cd3173-5274-46d6-b7e7-82b085abaed1","type":"page.created","attempt_number":1,"#
        + #""entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"}}"#
}
