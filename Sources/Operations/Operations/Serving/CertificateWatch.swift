package import HTTPServer
internal import Timestamps

/// A port's certificate, looked at again and again: renewed files are taken over without a restart, and what a person
/// has to know of them is in the log and the metrics.
package final class CertificateWatch: Sendable {
    /// How often the files are looked at, in milliseconds.
    package static let intervalMilliseconds = 5_000

    package let identity: TLSIdentity
    private let port: String
    private let log: Log
    private let notAfter: Gauge
    private let loaded: Counter
    private let refused: Counter

    /// Loads the files of a port, `public` or `operations`, or says what is wrong with them.
    package init(_ files: TLSFiles, port: String, metrics: MetricRegistry, log: Log) throws(TLSError) {
        identity = try TLSIdentity(files)
        self.port = port
        self.log = log
        let (ends, reloads) = Self.register(in: metrics)
        notAfter = ends.with(port)
        loaded = reloads.with(port, "loaded")
        refused = reloads.with(port, "refused")
        notAfter.set(identity.notAfter)
        if identity.isKeyReadableByAll {
            log.warning(
                "tls_key_readable",
                ["file": files.key, "hint": "every account of this machine can read it: chmod o-r"]
            )
        }
    }

    /// The families, which are there without a certificate too.
    @discardableResult
    package static func register(
        in metrics: MetricRegistry
    ) -> (ends: MetricFamily<Gauge>, reloads: MetricFamily<Counter>) {
        (
            metrics.gauges(
                "notion_relay_tls_certificate_not_after_timestamp_seconds",
                "When the certificate that a port shows ends, in seconds since 1970.",
                labels: ["port"]
            ),
            metrics.counters(
                "notion_relay_tls_reloads_total",
                "Changed certificate files, by whether they could be used.",
                labels: ["port", "result"]
            )
        )
    }

    /// Takes over files that have changed.
    package func look() {
        switch identity.refresh() {
        case .unchanged: break
        case .loaded:
            loaded.increment()
            notAfter.set(identity.notAfter)
            log.info(
                "tls_certificate_loaded",
                [
                    "port": port, "file": identity.files.certificate,
                    "not_after": Timestamp.text(milliseconds: Int64(identity.notAfter) * 1000),
                ]
            )
        case .refused(let error):
            refused.increment()
            log.error(
                "tls_certificate_refused",
                [
                    "port": port, "error": error.description,
                    "hint": "the certificate that was loaded before stays in use",
                ]
            )
        }
    }
}
