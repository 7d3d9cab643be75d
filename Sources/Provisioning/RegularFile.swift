import Glibc

/// Why a file cannot be used, as the end of a sentence that begins with the file or its key.
struct FileError: Error {
    let reason: String
}

/// Reads whole files that people provide: regular files only, with a bound.
enum RegularFile {
    struct Content {
        var bytes: [UInt8]
        /// Permission bits, as in `0o640`.
        let permissions: UInt32
    }

    static func exists(_ path: String) -> Bool {
        // The path lives for the call.
        unsafe access(path, F_OK) == 0
    }

    static func read(_ path: String, maximumBytes: Int) throws(FileError) -> Content {
        // Without O_NONBLOCK a FIFO in the file's place would hold the start for ever. The path lives for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw refusal(path, errno) }
        defer { _ = close(descriptor) }
        var status = stat()
        // `status` is ours and lives for the call.
        guard unsafe fstat(descriptor, &status) == 0 else { throw refusal(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(reason: "is not a regular file (\(path)); name a file")
        }
        let bytes = try read(descriptor, path, maximumBytes: maximumBytes)
        return Content(bytes: bytes, permissions: status.st_mode & 0o7777)
    }

    private static func read(
        _ descriptor: Int32,
        _ path: String,
        maximumBytes: Int,
    ) throws(FileError) -> [UInt8] {
        // One byte more than allowed shows a file that is too large, whatever its size said. Filled in place and never
        // grown, so that no copy of a secret is left behind.
        var buffer = [UInt8](repeating: 0, count: maximumBytes + 1)
        var count = 0
        while count < buffer.count {
            // The range lies inside the buffer, which is borrowed for the call.
            let result = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(
                    descriptor,
                    bytes.baseAddress.map { unsafe $0 + count },
                    bytes.count - count,
                )
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw refusal(path, errno) }
            if result == 0 { break }
            count += result
        }
        guard count <= maximumBytes else {
            throw FileError(
                reason: "is larger than \(maximumBytes) bytes (\(path)); is it the right file?"
            )
        }
        buffer.removeLast(buffer.count - count)
        return buffer
    }

    private static func refusal(_ path: String, _ code: Int32) -> FileError {
        switch code {
        case ENOENT, ENOTDIR:
            FileError(reason: "does not exist (\(path)); check the path")
        case EACCES, EPERM:
            FileError(
                reason:
                    "may not be read by this user (\(path)); give it to the user that runs kioskpayd"
            )
        default: FileError(reason: "cannot be read (\(path), error \(code)); check the path")
        }
    }
}
