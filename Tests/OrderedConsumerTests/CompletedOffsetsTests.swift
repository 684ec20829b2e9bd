import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct CompletedOffsetsTests {
    @Test
    func `ranges that touch become one, and those at next go into it`() {
        var offsets = CompletedOffsets(next: 10, ranges: [20...22, 15...16, 23...23, 21...25])
        #expect(offsets.ranges == [15...16, 20...25])
        offsets.insert(17)
        #expect(offsets.ranges == [15...17, 20...25])
        offsets.insert(18...19)
        #expect(offsets.ranges == [15...25])
        offsets.insert(10...14)
        #expect(offsets == CompletedOffsets(next: 26))
        offsets.advance(to: 3)
        #expect(offsets.next == 26)
    }

    @Test
    func `the largest offset is no trouble`() {
        var offsets = CompletedOffsets(next: 0, ranges: [(Int64.max - 1)...(Int64.max - 1)])
        #expect(offsets.contains(.max - 1) && !offsets.contains(.max) && !offsets.contains(0))
        #expect(offsets.count(below: .max) == 1)
        offsets.insert(0...(Int64.max - 2))
        #expect(offsets == CompletedOffsets(next: .max) && offsets.contains(.max - 1))
    }

    @Test
    func `it is a set of offsets`() {
        var generator = SeededGenerator()
        for _ in 0..<300 {
            let next = Int64.random(in: 0...20, using: &generator)
            var offsets = CompletedOffsets(next: next)
            var model = Set(0..<next)
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                change(&offsets, &model, &generator)
                expectNormal(offsets, generator)
            }
            for offset in Int64(0)..<130 {
                #expect(offsets.contains(offset) == model.contains(offset), "\(generator) \(offset)")
                #expect(offsets.firstMissing(from: offset) == (offset...).first { !model.contains($0) }, "\(generator)")
                #expect(offsets.count(below: offset) == Int64(model.count { $0 < offset }), "\(generator) \(offset)")
            }
            let low = Int64.random(in: 0...120, using: &generator)
            let part = low..<(low + Int64.random(in: 0...60, using: &generator))
            #expect(offsets.count(in: part) == Int64(model.count { part.contains($0) }), "\(generator) \(part)")
        }
    }

    private func change(
        _ offsets: inout CompletedOffsets,
        _ model: inout Set<Int64>,
        _ generator: inout SeededGenerator
    ) {
        let lower = Int64.random(in: 0...110, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            let bound = lower / 4
            offsets.advance(to: bound)
            model.formUnion(0..<bound)
        case 1...2:
            let range = lower...(lower + Int64.random(in: 0...9, using: &generator))
            offsets.insert(range)
            model.formUnion(range)
        default:
            offsets.insert(lower)
            model.insert(lower)
        }
    }

    private func expectNormal(_ offsets: CompletedOffsets, _ generator: SeededGenerator) {
        var end = offsets.next
        for range in offsets.ranges {
            #expect(range.lowerBound > end, "\(generator)")
            end = range.upperBound + 1
        }
        #expect(CompletedOffsets(next: offsets.next, ranges: offsets.ranges.reversed()) == offsets, "\(generator)")
    }

    static let texts: [(offsets: CompletedOffsets, text: String)] = [
        (CompletedOffsets(next: 7), "relay1:"),
        (CompletedOffsets(next: 120, ranges: [123...125, 130...130]), "relay1:3-2,4"),
        (CompletedOffsets(next: 0, ranges: [36...36, 38...1334]), "relay1:10,1-100"),
    ]

    @Test(arguments: texts)
    func `the short text is this`(offsets: CompletedOffsets, text: String) {
        #expect(offsets.text(bytesMax: 4096) == text)
        #expect(CompletedOffsets(text: text, next: offsets.next) == offsets)
    }

    @Test
    func `a text that must be short is true as far as it goes`() throws {
        var generator = SeededGenerator()
        for _ in 0..<1000 {
            let next = Int64.random(in: 0...(1 << 60), using: &generator)
            var offsets = CompletedOffsets(next: next)
            for _ in 0..<Int.random(in: 0...30, using: &generator) {
                let lower = next + 1 + Int64.random(in: 0...5000, using: &generator)
                offsets.insert(lower...(lower + Int64.random(in: 0...100, using: &generator)))
            }
            #expect(CompletedOffsets(text: offsets.text(bytesMax: 4096), next: next) == offsets, "\(generator)")
            let bytesMax = Int.random(in: 7...60, using: &generator)
            let text = offsets.text(bytesMax: bytesMax)
            #expect(text.utf8.count <= bytesMax, "\(generator)")
            let read = try #require(CompletedOffsets(text: text, next: next))
            #expect(read.ranges == Array(offsets.ranges.prefix(read.ranges.count)), "\(generator)")
            if read.ranges.count < offsets.ranges.count {
                let longer = CompletedOffsets(next: next, ranges: Array(offsets.ranges.prefix(read.ranges.count + 1)))
                #expect(longer.text(bytesMax: 4096).utf8.count > bytesMax, "\(generator)")
            }
        }
        #expect(CompletedOffsets().text(bytesMax: 6).isEmpty)
    }

    @Test(arguments: [
        "", "relay1", "relay2:1", "Relay1:1", " relay1:1", "relay1:,", "relay1:1,", "relay1:,1", "relay1:0",
        "relay1:01", "relay1:1-0", "relay1:1-", "relay1:-1", "relay1:1-1-1", "relay1:1 ", "relay1:A", "relay1:é",
        "relay1:1y2p0ij32e8e7", "relay1:1y2p0ij32e8e6", "relay1:zzzzzzzzzzzzzzzzzzzzzz", "relay1:1-1y2p0ij32e8e7",
        "relay1:1y2p0ij32e8e4-5", "{\"v\":1}",
    ])
    func `a text of somebody else is nil`(text: String) {
        #expect(CompletedOffsets(text: text, next: 1) == nil)
    }

    @Test
    func `no text brings the reader down`() {
        var generator = SeededGenerator()
        for _ in 0..<20_000 {
            let bytes = Array("relay1:".utf8) + generator.bytes(like: "0123abyz,,,--", countMax: 24)
            let text = String(decoding: bytes, as: UTF8.self)
            let next = Int64.random(in: -1...Int64.max, using: &generator)
            guard let offsets = CompletedOffsets(text: text, next: next) else { continue }
            #expect(offsets.text(bytesMax: 4096) == text, "\(generator)")
        }
    }
}
