extension KafkaNode {
    /// The node's server properties: everything that makes a cluster quick to start, to fail over and to forget, and
    /// nothing that weakens what an acknowledgement means.
    func properties(voters: String, nodes: Int, dataPath: String) -> [String: String] {
        let replicas = String(min(nodes, 3))
        let inSync = nodes >= 3 ? "2" : "1"
        var properties = [
            "process.roles": "broker,controller",
            "node.id": String(id),
            "controller.quorum.voters": voters,
            "listeners": "PLAINTEXT://127.0.0.1:\(port),CONTROLLER://127.0.0.1:\(controllerPort)",
            "advertised.listeners": "PLAINTEXT://127.0.0.1:\(port)",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": dataPath,
            "auto.create.topics.enable": "false",
            "num.network.threads": "2",
            "num.io.threads": "4",
            "default.replication.factor": replicas,
            "min.insync.replicas": inSync,
        ]
        for kind in ["offsets.topic", "transaction.state.log", "share.coordinator.state.topic"] {
            properties["\(kind).replication.factor"] = replicas
            properties["\(kind).num.partitions"] = "4"
        }
        properties["transaction.state.log.min.isr"] = inSync
        properties["share.coordinator.state.topic.min.isr"] = inSync
        return properties.merging(Self.quick) { own, _ in own }
    }

    private static let quick = [
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "controller.quorum.election.timeout.ms": "500",
        "controller.quorum.election.backoff.max.ms": "300",
        "controller.quorum.fetch.timeout.ms": "1500",
    ]
}
