import NotionWebhooks
import TestSupport
import Testing

@Suite
struct DeliveryTypeTests {
    @Test
    func `31 types are known and each is found by its name`() {
        #expect(DeliveryType.known.count == 31)
        #expect(Set(DeliveryType.known).count == 31)
        for (index, name) in DeliveryType.known.enumerated() {
            #expect(DeliveryType(name).index == index)
            #expect(DeliveryType(name + "x").index == 31)
            #expect(DeliveryType(String(name.dropLast())).index == 31)
            #expect(DeliveryType(name.uppercased()).index == 31)
        }
    }

    @Test(arguments: ["", "page", "page.updated", "file_upload.complete", "block.created", "unknown"])
    func `any other type is a value`(name: String) {
        #expect(DeliveryType(name).index == 31)
        #expect(DeliveryType(name).isAggregated == nil)
    }

    @Test(arguments: [
        ("page.created", true), ("page.locked", false), ("comment.deleted", false), ("data_source.moved", true),
        ("view.updated", nil), ("file_upload.expired", nil), ("page.transcription_block.transcript_deleted", nil),
    ])
    func `aggregation is what the specification says`(name: String, isAggregated: Bool?) {
        #expect(DeliveryType(name).isAggregated == isAggregated)
    }

    @Test
    func `every known type has a fixture`() {
        let names = Set(NotionPayload.events.map { String($0.name.dropLast(".json".count)) })
        for type in DeliveryType.known { #expect(names.contains(type)) }
    }
}
