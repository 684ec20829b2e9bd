import HTTPServer
import Operations

extension TLSFiles {
    /// Of the public port; nil when it speaks plain HTTP.
    init?(_ settings: ResolvedSettings) {
        self.init(settings, .tlsCertificate, .tlsKey, .tlsClientCA)
    }

    init?(ofOperations settings: ResolvedSettings) {
        self.init(settings, .operationsTLSCertificate, .operationsTLSKey, .operationsTLSClientCA)
    }

    private init?(
        _ settings: ResolvedSettings,
        _ certificate: SettingKey,
        _ key: SettingKey,
        _ clientCA: SettingKey
    ) {
        guard let certificate = settings.string(ifSet: certificate), let key = settings.string(ifSet: key) else {
            return nil
        }
        self.init(certificate: certificate, key: key, clientCA: settings.string(ifSet: clientCA))
    }
}
