import Kafka
import Testing

@Suite struct Murmur2Tests {
    /// The vectors that Java's clients are tested with.
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829), ("abc", 479_470_107),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ] as [(String, Int32)]
    )
    func `the hash is the one of Java's clients`(_ key: String, _ expected: Int32) {
        #expect(Int32(bitPattern: murmur2(Array(key.utf8).span)) == expected)
    }

    @Test(arguments: [
        ("21", Int32(0)), ("foobar", 6), ("abc", 3), ("a-little-bit-long-string", 8),
    ])
    func `the partition is the hash without its sign, modulo the count`(_ key: String, _ expected: Int32) {
        #expect(partition(forKey: Array(key.utf8).span, count: 12) == expected)
        #expect(partition(forKey: Array(key.utf8).span, count: 1) == 0)
    }
}
