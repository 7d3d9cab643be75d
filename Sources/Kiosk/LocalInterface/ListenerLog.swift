import Logging

/// What the HTTP library says of a listener, as a sentence of ours. It tells of the socket's passing name and of every
/// refused connection at `info`, and of ends that we asked for as errors: neither is worth a word.
struct ListenerLog: LogHandler {
    let logger: Logger
    let course: ListeningCourse
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard !course.isEnding else { return }
        let details = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted()
        logger.log(
            level: event.level,
            "A listener of the local interface met an error; no payment is concerned.",
            metadata: ["error": "\((["\(event.message)"] + details).joined(separator: " "))"]
        )
    }
}
