import CRdKafka

/// A token that nobody has signed (RFC 7515, appendix A.5), for brokers that take such ones in tests. librdkafka makes
/// them too, and crashes before 2.2.0 when it renews one.
struct UnsecuredToken: Equatable {
    struct Refusal: Error {
        let reason: String
    }

    let value: String
    let principal: String
    let endsAtMilliseconds: Int64

    /// From `sasl.oauthbearer.config`: `principal=relay lifeSeconds=3600 scope=a,b`.
    init(_ config: String, now milliseconds: Int64) throws(Refusal) {
        var fields = ["principalClaimName": "sub", "scopeClaimName": "scope", "lifeSeconds": "3600", "scope": ""]
        for pair in config.split(separator: " ") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0) }
            guard parts.count == 2, parts[0] == "principal" || fields[parts[0]] != nil else {
                throw Refusal(reason: "sasl.oauthbearer.config: \(parts[0]) is not known here")
            }
            guard !parts[1].utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c }) else {
                throw Refusal(reason: "sasl.oauthbearer.config: \(parts[0]) holds characters that are not allowed")
            }
            fields[parts[0]] = parts[1]
        }
        guard let principal = fields["principal"], let life = Int64(fields["lifeSeconds"] ?? ""),
            (1...31_536_000).contains(life)
        else { throw Refusal(reason: "sasl.oauthbearer.config: principal is needed, and lifeSeconds from 1 to a year") }
        let scopes = (fields["scope"] ?? "").split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",")
        let seconds = milliseconds / 1000
        let scope = scopes.isEmpty ? "" : ",\"\(fields["scopeClaimName"] ?? "")\":[\(scopes)]"
        let claims =
            "{\"\(fields["principalClaimName"] ?? "")\":\"\(principal)\",\"iat\":\(seconds),"
            + "\"exp\":\(seconds + life)\(scope)}"
        value = "\(Self.base64URL("{\"alg\":\"none\"}")).\(Self.base64URL(claims))."
        self.principal = principal
        endsAtMilliseconds = (seconds + life) * 1000
    }

    /// Gives a client its next token. On librdkafka's background thread.
    static func renew(_ client: OpaquePointer?, _ config: String, now milliseconds: Int64) {
        var text = [CChar](repeating: 0, count: 512)
        do throws(Refusal) {
            let token = try UnsecuredToken(config, now: milliseconds)
            let code = rd_kafka_oauthbearer_set_token(
                client,
                token.value,
                token.endsAtMilliseconds,
                token.principal,
                nil,
                0,
                &text,
                text.count
            )
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
            throw Refusal(reason: text.textUpToNUL)
        } catch {
            rd_kafka_oauthbearer_set_token_failure(client, error.reason)
        }
    }

    private static func base64URL(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var out: [UInt8] = []
        var bits = 0
        var word = 0
        for byte in text.utf8 {
            word = (word << 8 | Int(byte)) & 0xffff
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(alphabet[word >> bits & 0x3f])
            }
        }
        if bits > 0 { out.append(alphabet[word << (6 - bits) & 0x3f]) }
        return String(decoding: out, as: UTF8.self)
    }
}
