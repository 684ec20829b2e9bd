import Kafka
import TestSupport
import Testing

@testable import Doctor

/// Texts from topics, metrics and other servers may be anything.
@Suite
struct HostileTextsTests {
    @Test func `only a UUID of a known kind becomes part of an address`() {
        var random = SeededGenerator()
        let like = "page/database/data_source/0123456789abcdef-0123-4567-89ab-0123456789ab../%2f"
        let good = "page/260d1674-1a2b-8c3d-8e4f-0123456789ab"
        var taken = 0
        for _ in 0..<20_000 {
            // Half of them are nearly valid.
            var subject = Bool.random(using: &random) ? Array(good.utf8) : random.bytes(like: like, countMax: 60)
            if !subject.isEmpty, Int.random(in: 0..<4, using: &random) > 0 {
                let place = Int.random(in: 0..<subject.count, using: &random)
                subject[place] = random.bytes(like: like, countMax: 1).first ?? subject[place]
            }
            let headers = [
                Record.Header(name: "ce_subject", value: subject),
                Record.Header(name: "ce_type", value: random.bytes(like: "com.notion.page.created", countMax: 30)),
            ]
            let record = Record(topic: "t", timestampMilliseconds: 1, headers: headers, value: nil)
            for entity in RecentEvents([record]).entities {
                taken += 1
                let isHexadecimal = entity.id.allSatisfy { $0.isHexDigit || $0 == "-" }
                #expect(entity.id.utf8.count == 36 && isHexadecimal && !entity.kind.contains("/"), "\(random)")
            }
        }
        #expect(taken > 1_000, "\(random)")
    }

    @Test func `invalid metrics are ignored, and no count is negative`() {
        var random = SeededGenerator()
        let like = "notion_relay_deliveries_total{outcome=\"published\",type=\"x\"} -1e99NaN\n"
        for _ in 0..<5_000 {
            var text = String(decoding: random.bytes(like: like, countMax: 80), as: UTF8.self)
            if Bool.random(using: &random) { text = "notion_relay_deliveries_total{outcome=\"" + text }
            for (_, count) in EdgeReader.deliveries(text) ?? [:] { #expect(count >= 0, "\(random)") }
        }
    }

    @Test func `an address is parsed or refused, and never shown with what may be secret`() {
        var random = SeededGenerator()
        for _ in 0..<20_000 {
            let text = String(decoding: random.bytes(like: "https://[::1]:80/a@b?c#d.e", countMax: 40), as: UTF8.self)
            guard let url = PublicURL("https://" + text) else { continue }
            #expect(!url.shown.contains("@") || url.path.contains("@"), "\(random)")
            #expect(!url.shown.contains("?") && !url.shown.contains("#") && !url.host.isEmpty, "\(random)")
            _ = HostReach(url.host)
        }
    }
}
