import Kiosk
import Payments
import Testing

/// The event stream: durable, resumable, without gap or double, and never in the kiosk's way.
@Suite("The stream of events (interfaces, 3)")
struct EventStreamTests {
    @Test("A new reader hears what happens from now on")
    func aNewReaderHearsWhatHappensFromNowOn() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.commit(Samples.event(1))
            running.kiosk.commit(Samples.event(2))
            let reader = try RawConnection(running.socket)
            #expect(try reader.openEvents() == "retry: 1000\nid: 2")
            running.kiosk.commit(Samples.event(3, .releaseOffered))
            #expect(
                try reader.piece() == "id: 3\nevent: release\n"
                    + #"data: {"id":3,"kind":"release","at":"2025-03-01T08:30:00.250Z","#
                    + #""clockSynchronised":true,"sale":"S0123456789ABCDEF","#
                    + #""order":"K0007-0123456789ABCDEFGHJK","state":"paid","amount":200,"#
                    + #""currency":"CNY","truth":"paid","reason":null,"message":"#
                    + #"{"zh-Hans":"支付成功，请等待取货。","en":"Paid. Please wait for your goods."}}"#
            )
        }
    }

    @Test("Notices are told, and never replayed")
    func noticesAreToldButNeverReplayed() async throws {
        try await RunningInterface.serve { running in
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents()
            running.kiosk.feed.publish(.notice(.alreadyRead))
            running.kiosk.commit(Samples.event(1))
            #expect(
                try reader.piece() == "event: notice\n"
                    + #"data: {"notice":"already-read","message":"#
                    + #"{"zh-Hans":"此付款码已读取，没有再次扣款；请在微信中刷新付款码后再次出示。","#
                    + #""en":"This code was already read; nothing new was taken. Refresh the code in "#
                    + #"WeChat and hold it to the scanner again."}}"#
            )
            #expect(try reader.piece().hasPrefix("id: 1\n"))
            let later = try RawConnection(running.socket)
            _ = try later.openEvents("/v1/events?after=0")
            #expect(try later.ids(1) == [1])
        }
    }

    @Test("A reader resumes where it stopped")
    func aReaderResumesWhereItStopped() async throws {
        try await RunningInterface.serve { running in
            for id in Int64(1)...250 { running.kiosk.commit(Samples.event(id)) }
            for (path, headers, first) in [
                ("/v1/events?after=0", [], Int64(1)), ("/v1/events?after=249", [], 250),
                ("/v1/events", ["Last-Event-ID: 100"], 101),
                // The header is newer than the address, which a browser repeats as it was.
                ("/v1/events?after=3", ["Last-Event-ID: 7"], 8),
                ("/v1/events?after=3", ["Last-Event-ID:"], 4),
            ] {
                let reader = try RawConnection(running.socket)
                let opening = try reader.openEvents(path, headers: headers)
                #expect(opening == "retry: 1000\nid: \(first - 1)")
                #expect(try reader.ids(Int(251 - first)) == Array(first...250))
            }
        }
    }

    @Test("A Last-Event-ID is read strictly")
    func resumePointsAreReadStrictly() async throws {
        try await RunningInterface.serve { running in
            for (path, headers) in [
                ("/v1/events?after=x", []), ("/v1/events?after=-1", []),
                ("/v1/events?since=1", []), ("/v1/events?after=1&after=2", []),
                ("/v1/events?after=9223372036854775808", []),
                ("/v1/events", ["Last-Event-ID: 1.0"]),
                ("/v1/events", ["Last-Event-ID: 1", "Last-Event-ID: 2"]),
            ] {
                let answer = try exchange(running.socket, "GET", path, headers: headers)
                #expect(answer.status == 400, "\(path) \(headers)")
            }
        }
    }

    /// Events committed while the log is being read arrive once, in order.
    @Test("Between replayed and live events nothing is missing and nothing comes twice")
    func theSeamBetweenReplayAndLiveHasNoGapAndNoDouble() async throws {
        try await RunningInterface.serve { running in
            for id in Int64(1)...150 { running.kiosk.commit(Samples.event(id)) }
            // Between reading the first batch and sending it, three more are committed and published.
            running.kiosk.with { state in
                state.afterRead = { kiosk in
                    for id in Int64(151)...153 { kiosk.commit(Samples.event(id)) }
                }
            }
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents("/v1/events?after=0")
            #expect(try reader.ids(153) == Array(1...153))
            // The last read finds nothing; what is committed behind its back is live.
            running.kiosk.commit(Samples.event(154))
            #expect(try reader.ids(1) == [154])
        }
    }

    /// The last read of the log ends before the commit, the live item comes after: it must not fall between.
    @Test("What is committed right after the last read is not lost")
    func whatIsCommittedRightAfterTheLastReadIsNotLost() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.commit(Samples.event(1))
            running.kiosk.with { state in
                state.afterRead = { $0.commit(Samples.event(2)) }
            }
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents("/v1/events?after=0")
            #expect(try reader.ids(2) == [1, 2])
        }
    }

    /// Whatever is missing between two live events is fetched from the log.
    @Test("A gap among live events is filled from the journal")
    func aLiveGapIsFilledFromTheLog() async throws {
        try await RunningInterface.serve { running in
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents()
            running.kiosk.with { $0.events = (1...3).map { Samples.event($0) } }
            running.kiosk.commit(Samples.event(4))
            #expect(try reader.ids(4) == [1, 2, 3, 4])
        }
    }

    /// A journal that was set aside begins anew: a reader from before is told, not left waiting for ever.
    @Test("A reader that comes from another journal is told")
    func aReaderFromAnotherLogIsTold() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.commit(Samples.event(1))
            let reader = try RawConnection(running.socket)
            #expect(try reader.openEvents("/v1/events?after=500") == "retry: 1000\nid: 1")
            #expect(try reader.piece() == "id: 1\nevent: reset\ndata: {\"id\":1}")
            running.kiosk.commit(Samples.event(2))
            #expect(try reader.ids(1) == [2])
        }
    }

    @Test("A stream on which nothing happens shows that it lives")
    func aQuietStreamShowsThatItLives() async throws {
        try await RunningInterface.serve { limits in
            limits.ping = .milliseconds(20)
        } _: { running in
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents()
            #expect(try reader.piece() == ": ping")
            #expect(try reader.piece() == ": ping")
        }
    }

    /// A reader that takes nothing is cut, the kiosk and the other readers do not notice.
    @Test("A reader that is too slow is cut off and resumes")
    func aSlowReaderIsCutAndResumes() async throws {
        try await RunningInterface.serve { limits in
            limits.stall = .milliseconds(100)
            limits.sendBufferBytes = 8192
        } _: { running in
            let slow = try RawConnection(running.tcp)
            slow.shrinkReceiveBuffer()
            _ = try slow.openEvents("/v1/events?after=0", host: running.host)
            let quick = try RawConnection(running.socket)
            _ = try quick.openEvents("/v1/events?after=0")
            var last: Int64 = 0
            while running.kiosk.feed.listenerCount > 1, last < 200_000 {
                let burst = (last + 1)...(last + 50)
                for id in burst { running.kiosk.commit(Samples.event(id)) }
                #expect(try quick.ids(50) == Array(burst))
                last = burst.upperBound
            }
            #expect(running.kiosk.feed.listenerCount == 1, "the slow reader was never cut")
            // It finds the end of its stream, and gets the rest from where it stopped.
            let text = try slow.readToEnd()
            #expect(text.contains("id: 1\n"))
            let resumed = try RawConnection(running.socket)
            _ = try resumed.openEvents(headers: ["Last-Event-ID: \(last - 2)"])
            #expect(try resumed.ids(2) == [last - 1, last])
        }
    }

    /// More at once than a listener's buffer holds: the stream ends, and the log has the rest.
    @Test("A burst beyond the buffer ends the stream and loses nothing")
    func aBurstBeyondTheBufferEndsTheStreamAndLosesNothing() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.commit(Samples.event(1))
            // The burst comes while the reader is busy with the log, so nothing is taken from its buffer meanwhile.
            running.kiosk.with { state in
                state.afterRead = { kiosk in
                    for _ in 0..<300 { kiosk.feed.publish(.notice(.notAPaymentCode)) }
                    kiosk.commit(Samples.event(2))
                }
            }
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents("/v1/events?after=0")
            #expect(try reader.ids(1) == [1])
            _ = try reader.read(until: "0\r\n\r\n")
            let again = try RawConnection(running.socket)
            _ = try again.openEvents(headers: ["Last-Event-ID: 1"])
            #expect(try again.ids(1) == [2])
        }
    }

    @Test("A reader that goes frees its place at once")
    func aReaderThatGoesFreesItsPlaceAtOnce() async throws {
        try await RunningInterface.serve { limits in
            limits.clients = 1
        } _: { running in
            for endpoint in [running.socket, running.tcp] {
                let reader = try RawConnection(endpoint)
                _ = try reader.openEvents(host: running.host)
                reader.finishSending()
                try reader.awaitClose()
            }
            try eventually { running.kiosk.feed.listenerCount == 0 }
        }
    }

    @Test("A journal that cannot be read ends the stream")
    func anUnreadableLogEndsTheStream() async throws {
        try await RunningInterface.serve { running in
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents()
            running.kiosk.with { $0.isUnreadable = true }
            running.kiosk.feed.publish(.event(Samples.event(9)))
            _ = try reader.read(until: "0\r\n\r\n")
        }
    }

    @Test("Stopping ends streams as HTTP says")
    func stoppingEndsStreamsProperly() async throws {
        try await RunningInterface.serve { running in
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents()
            running.stop()
            let rest = try reader.readToEnd()
            #expect(rest.hasSuffix("0\r\n\r\n"))
        }
    }
}
