import Glibc
import Testing

@testable import kioskpay_bench

@Suite("The bench's report")
struct ReportTests {
    @Test("A value at its bound is good, one above it is missed, one missing is missed")
    func verdicts() {
        var row = Report.Row(name: "a", unit: .nanoseconds, median: 10, medianBound: 10)
        #expect(row.isGood == true)
        row.median = 11
        #expect(row.isGood == false)
        row.median = nil
        #expect(row.isGood == false)
        row.medianBound = nil
        #expect(row.isGood == nil)
        row = Report.Row(name: "a", unit: .nanoseconds, median: 1, p99: 9)
        row.medianBound = 5
        row.p99Bound = 8
        #expect(row.isGood == false)
    }

    @Test("One missed bound spoils the report; a row without a bound does not")
    func whole() {
        var report = Report()
        report.rows.append(Report.Row(name: "a", unit: .count, median: 1))
        #expect(report.isGood)
        report.rows.append(Report.Row(name: "b", unit: .count, median: 2, medianBound: 1))
        #expect(!report.isGood)
    }

    @Test("Fewer than 500 payments are measured, and held against no bound", arguments: [499, 500])
    func tooFew(count: Int) throws {
        let facts = try ProcessFacts(of: getpid())
        var result = PaymentRun.Result(before: facts, warm: facts, halfway: facts, after: facts)
        for _ in 0..<count {
            result.scanToWire.add(1)
            result.floor.add(1)
            result.floorDisk.add(1)
        }
        var report = Report()
        report.add(payments: result)
        #expect(report.rows.contains { $0.isGood != nil } == (count == 500))
        #expect(report.notes.contains { $0.contains("fewer than 500") } == (count == 499))
    }

    @Test("The table shows values in people's units, rounded")
    func markdown() {
        var report = Report()
        report.rows = [
            Report.Row(
                name: "above",
                unit: .nanoseconds,
                median: -1_499_600,
                p99: 2_000_400,
                medianBound: 500_000,
                p99Bound: 3_000_000
            ),
            Report.Row(name: "memory", unit: .bytes, median: 41_943_040),
            Report.Row(name: "share", unit: .share, median: 1_995, medianBound: 1_994),
        ]
        report.notes = ["quiet"]
        #expect(
            report.markdown == """
                | measure | median or value | p99 | bound | verdict |
                | --- | --- | --- | --- | --- |
                | above | -1.500 ms | 2.000 ms | ≤ 0.500 ms, p99 ≤ 3.000 ms | ok |
                | memory | 40.00 MiB | – | – | – |
                | share | 0.200 % | – | ≤ 0.199 % | MISSED |

                - quiet
                """
        )
    }

    @Test("The JSON holds whole numbers and says whether all is good")
    func json() {
        var report = Report()
        report.rows = [Report.Row(name: "a", unit: .bytes, median: 5, medianBound: 4)]
        #expect(
            report.json.contains(#""name":"a","unit":"bytes","median":5,"p99":null"#)
        )
        #expect(report.json.hasPrefix(#"{"good":false"#))
    }
}
