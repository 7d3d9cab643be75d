internal import CLinux
import Glibc

/// When the journal's file was made, kept beside it: a state directory that is put back whole brings its count of starts along,
/// but its files are new ones (rule A5).
extension Directory {
    var birth: String { path + "/birth" }

    /// As the file system says; `nil` where it does not.
    private var birthOfDatabase: String? {
        let nanoseconds = unsafe kioskpay_birth_time(database)
        // 0: a tool that wrote the file system's image left it out.
        return nanoseconds <= 0 ? nil : "\(nanoseconds)\n"
    }

    /// Whether the journal's file is another one than that which was written here. False where nothing is known: what cannot be
    /// told must not stop the sales.
    var isPutBack: Bool {
        guard let known = try? text(of: birth), let now = birthOfDatabase else { return false }
        return known != now
    }

    /// This file is the journal from here on.
    func noteBirth() throws(JournalError) {
        guard let now = birthOfDatabase else { return forgetBirth() }
        try replace(birth, with: now)
    }

    /// The next journal is another file. One that cannot be removed only makes a person vouch for that once more.
    func forgetBirth() {
        // The path outlives the call.
        _ = unsafe unlink(birth)
    }
}
