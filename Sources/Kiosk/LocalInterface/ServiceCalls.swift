import Hummingbird
import Logging
import Payments
import StrictJSON

/// Status, health and the technician's switch.
struct ServiceCalls: Sendable {
    let control: any KioskControl
    let body: CallBody
    let feed: LiveFeed
    let course: ListeningCourse

    func status(_ request: Request, _ context: CallContext) async throws -> Response {
        // In this order: an event in between is seen twice by who resumes from here, never missed.
        let lastEventID = try await reading { try await control.lastEventID() }
        let interface = InterfaceStatus(
            socketPath: course.socketPath,
            port: course.port,
            trouble: course.portTrouble?.description,
            eventReaders: feed.listenerCount
        )
        return .json(await control.status().document(lastEventID: lastEventID, interface))
    }

    /// The process is alive and answers; says nothing about selling.
    func health(_ request: Request, _ context: CallContext) async throws -> Response {
        .json(JSONWriter.object { $0.string("status", "alive") })
    }

    /// Whether a sale can start now.
    func readiness(_ request: Request, _ context: CallContext) async throws -> Response {
        let reasons = await control.status().reasons
        guard reasons.isEmpty else { throw ProblemDocument.notReady(reasons) }
        return .json(JSONWriter.object { $0.boolean("ready", true) })
    }

    func service(_ request: Request, _ context: CallContext) async throws -> Response {
        let mode = try await body.serviceMode(from: request)
        await control.setServiceMode(mode)
        let caller = await Caller.of(context)
        context.logger.notice(
            "The service mode was set.",
            metadata: ["mode": "\(mode.rawValue)", "by": "\(caller)"],
        )
        return .json(JSONWriter.object { $0.string("mode", mode.rawValue) })
    }
}
