/// The name by which code asks for a setting. What people write (flag, environment, YAML) is in `SettingsTable`.
package enum SettingKey: String, CaseIterable, Sendable {
    case config, logFormat, logLevel
    case kafka, kafkaOptions
    case topic, deadLetterTopic
    case listen, operations, path, key, cloudEvents, verificationTokens, enrolment, loops
    case sealingKeys, subscriptionsTopic, handshakeExpiry, signature
    case tlsCertificate, tlsKey, tlsClientCA
    case operationsTLSCertificate, operationsTLSKey, operationsTLSClientCA
    case bodyBytesMax, inFlightRecordsMax, inFlightBytesMax, connectionsMax
    case connectionsPerAddressMax, requestsPerConnectionMax, trustedProxies
    case headerDeadline, bodyDeadline, idleDeadline, writeDeadline, requestDeadline
    case messageTimeout, linger, compression, statisticsInterval
    case gracePeriod
    case partitions, replicationFactor, topicsFile
    case tailFrom, tailLast, tailCount, tailExitAtEnd, tailFormat, tailColor, tailGrep, tailStats
    case tailEntity, tailType, tailWorkspace, tailID, tailOccurredFrom, tailOccurredTo
    case simulateURL, simulateToken, simulateCount, simulateEntities, simulateSeed, simulateRate
    case simulateConnections, simulateDuplicate, simulateTamper, simulateTimeScale, simulateDeadline, simulateLedger
    case simulateAuthorities
    case configFormat
    case subscriptionFingerprint, subscriptionName, subscriptionRetireAt, subscriptionReveal, subscriptionFormat
    case subscriptionSince
    case group, start, lanes, attempts, retryDelay, retryDelayMax, afterDeadLetter, parkedKeysMax, reorderWindow
    case coalesce, dedupeWindow, skipReplays, springHeaders, commitInterval, recordsMax, recordBytesMax
    case assignor, instanceID, sessionTimeout
    case forwardURL, forwardTypes, webhookSecrets, forwardAllow, forwardTimeout, forwardAuthorities
    case redriveEntity, redriveType, redriveReason, redrivesMax, redriveRate, redriveDryRun, redriveWait, redriveFormat
    case groupsGroup, groupsFormat, topicsGroup
    case replayFromTopic, replayFrom, replayTo, replayOffsets, replayLast
    case replayEntity, replayType, replayWorkspace, replayID, replayOccurredFrom, replayOccurredTo
    case replayToTopic, replayToURL, replayToStdout, replaysMax, replayRenormalize
    case replayAllow, replayTimeout, replayAuthorities
    case replayRate, replaySpeed, replayPlan, replayDryRun, replayResume, replayCheckpointTopic, replayFormat
    case inspectFile, inspectSignature, inspectFormat
    case doctorURL, doctorAuthorities, doctorAPIToken, doctorAPIURL, doctorSince, doctorTimeout, doctorFormat
}
