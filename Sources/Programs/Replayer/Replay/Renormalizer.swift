import Kafka
import NotionEvents
import NotionWebhooks
import Timestamps

/// A body is untrusted until its signature is verified again: who may write dead letters must not be able to write
/// events that way. For one thread: its buffers are reused for the next record.
final class Renormalizer {
    /// Why there is no event: a word of `[a-z_]`.
    struct Refusal: Error, Equatable {
        let word: String

        static let notADeadLetter = Refusal(word: "not_a_dead_letter")
        static let badSignature = Refusal(word: "bad_signature")
    }

    private static let traceName = "traceparent"

    private let verifier: SignatureVerifier
    private let key: KeyStrategy
    private var event: EventRecord

    init(tokens: [VerificationToken], _ how: Renormalizing) {
        verifier = SignatureVerifier(tokens: tokens)
        key = KeyStrategy(rawValue: how.key) ?? .entity
        event = EventRecord(mode: ContentMode(rawValue: how.cloudEvents) ?? .binary)
    }

    /// The event of a dead letter, as the edge would write it now; its time of receipt is the dead letter's.
    func event(of letter: Record) -> Result<Record, Refusal> {
        guard let body = letter.value, let signature = letter.header(DeadLetterRecord.signatureHeader),
            let time = letter.header(DeadLetterRecord.receivedAtHeader).flatMap({ Timestamp.milliseconds($0) })
                ?? letter.timestampMilliseconds
        else { return .failure(.notADeadLetter) }
        let untrusted = UntrustedDelivery(body: body.span, signature: signature.span, signatureCount: 1)
        do throws(SignatureError) {
            return fill(try verifier.verify(untrusted), of: letter, receivedAtMilliseconds: time)
        } catch {
            return .failure(.badSignature)
        }
    }

    private func fill(
        _ verified: borrowing VerifiedDelivery,
        of letter: Record,
        receivedAtMilliseconds: Int64
    ) -> Result<Record, Refusal> {
        let trace = letter.header(Self.traceName).flatMap { TraceContext($0.span) }
        do throws(DeliveryError) {
            event.fill(
                from: try Delivery(verified),
                key: key,
                receivedAtMilliseconds: receivedAtMilliseconds,
                traceparent: trace ?? TraceContext(random: InlineArray { _ in UInt8.random(in: 0...255) })
            )
        } catch {
            return .failure(Refusal(word: error.rawValue))
        }
        return .success(Self.record(event, in: letter, receivedAtMilliseconds))
    }

    private static func record(
        _ event: borrowing EventRecord,
        in letter: Record,
        _ receivedAtMilliseconds: Int64
    ) -> Record {
        var headers: [Record.Header] = []
        for index in 0..<event.headerCount {
            headers.append(
                Record.Header(
                    name: String(decoding: event.headerName(index).copied, as: UTF8.self),
                    value: event.headerValue(index).copied
                )
            )
        }
        return Record(
            topic: letter.topic,
            partition: letter.partition,
            offset: letter.offset,
            timestampMilliseconds: receivedAtMilliseconds,
            key: event.key.copied,
            headers: headers,
            value: event.value.copied
        )
    }
}
