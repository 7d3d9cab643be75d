import TestKit

/// All files of a folder as they were, to be put back.
struct FolderCopy {
    private let folder: String
    private var files: [String: [UInt8]] = [:]
    private var folders: [String] = []

    init(of folder: String) {
        self.folder = folder
        take("")
    }

    private mutating func take(_ path: String) {
        for name in Files.names(in: folder + path) {
            let path = path + "/" + name
            if Files.isFolder(folder + path) {
                folders.append(path)
                take(path)
            } else {
                files[path] = Files.bytes(folder + path)
            }
        }
    }

    func putBack() throws {
        for name in Files.names(in: folder) { Files.removeTree(folder + "/" + name) }
        for path in folders { try Files.makeFolder(folder + path) }
        for (path, bytes) in files { try Files.write(bytes, to: folder + path) }
    }
}
