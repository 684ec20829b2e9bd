extension KafkaNode {
    /// Runs one of Kafka's own command line tools against this node, by its class; returns what it printed.
    package func tool(_ mainClass: String, _ arguments: [String]) async throws -> [String] {
        let tool = try runTool(
            "org.apache.kafka.tools.\(mainClass)",
            ["--bootstrap-server", bootstrapServers] + arguments
        )
        guard await tool.exitStatus() == .exited(0) else {
            throw KafkaMissing(description: "\(mainClass) failed: \(tool.output.tail()) \(tool.errors.tail())")
        }
        return tool.output.all
    }
}
