import Testing

@testable import kioskpay_bench

@Suite("The bench's statistics")
struct SampleTests {
    private func sample(_ values: [Int64]) -> Sample {
        var sample = Sample()
        for value in values { sample.add(value) }
        return sample
    }

    @Test("Percentiles are the nearest rank, whatever the order of measuring")
    func nearestRank() {
        // The textbook's example: five values, ordered 15, 20, 35, 40, 50.
        let five = sample([40, 15, 50, 20, 35])
        #expect(five.percentile(5) == 15)
        #expect(five.percentile(30) == 20)
        #expect(five.percentile(40) == 20)
        #expect(five.percentile(41) == 35)
        #expect(five.median == 35)
        #expect(five.percentile(100) == 50)
    }

    @Test("Of a hundred values the p99 leaves one above it; of twenty it is the largest")
    func p99() {
        #expect(sample(Array((1...100).reversed())).p99 == 99)
        #expect(sample(Array(1...500)).p99 == 495)
        #expect(sample(Array(1...20)).p99 == 20)
        #expect(sample(Array(1...100)).median == 50)
    }

    @Test("Nothing measured is no value, and one value is every percentile")
    func few() {
        #expect(sample([]).median == nil)
        #expect(sample([7]).median == 7)
        #expect(sample([7]).p99 == 7)
    }
}
