import Testing

@testable import Receiver

struct AdmissionTests {
    @Test
    func `records and bytes are admitted up to their limits and no further`() {
        var admission = Admission(recordsMax: 2, bytesMax: 100)
        #expect(admission.admits(bytes: 100))
        admission.take(bytes: 60)
        #expect(admission.admits(bytes: 40))
        #expect(!admission.admits(bytes: 41))
        admission.take(bytes: 40)
        #expect(!admission.admits(bytes: 0))
        admission.release(bytes: 60)
        #expect(admission.admits(bytes: 60))
    }

    @Test
    func `a delivery longer than the byte limit is admitted when it is alone, so that it is not refused for ever`() {
        let admission = Admission(recordsMax: 10, bytesMax: 100)
        #expect(admission.admits(bytes: 1_000))
    }
}
