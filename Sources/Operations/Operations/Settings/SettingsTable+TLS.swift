extension SettingsTable {
    static let tls: [Setting] = [
        Setting(
            .tlsCertificate,
            yaml: "tls.certificate_file",
            flag: "tls-certificate-file",
            .file,
            "PEM certificates of the public port, its own first; with it the port speaks TLS only.",
            for: [.receive, .dev]
        ),
        Setting(
            .tlsKey,
            yaml: "tls.key_file",
            flag: "tls-key-file",
            .file,
            "PEM key of that certificate, without a passphrase.",
            for: [.receive, .dev]
        ),
        Setting(
            .tlsClientCA,
            yaml: "tls.client_ca_file",
            flag: "tls-client-ca-file",
            .file,
            "PEM authorities: clients of the public port must show a certificate of theirs.",
            for: [.receive, .dev]
        ),
        Setting(
            .operationsTLSCertificate,
            yaml: "operations_tls.certificate_file",
            flag: "operations-tls-certificate-file",
            .file,
            "The same for the operations port.",
            for: [.receive, .dev, .forward]
        ),
        Setting(
            .operationsTLSKey,
            yaml: "operations_tls.key_file",
            flag: "operations-tls-key-file",
            .file,
            "PEM key of the operations port's certificate.",
            for: [.receive, .dev, .forward]
        ),
        Setting(
            .operationsTLSClientCA,
            yaml: "operations_tls.client_ca_file",
            flag: "operations-tls-client-ca-file",
            .file,
            "PEM authorities: clients of the operations port must show a certificate of theirs.",
            for: [.receive, .dev, .forward]
        ),
    ]
}
