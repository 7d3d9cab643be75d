import CFuzzer
import Glibc
import TestKit

/// `kioskpay-fuzz TARGET [OPTION…]`: libFuzzer with its own options over one target's checks.
///
/// libFuzzer calls back with nothing but bytes, so the target is this process's one global choice.
@main
enum Main {
    /// Set once before libFuzzer starts, on the thread that it calls back on.
    nonisolated(unsafe) static var target: FuzzTarget?

    static func main() {
        let words = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        guard CommandLine.arguments.count > 1,
            let target = FuzzTarget(rawValue: CommandLine.arguments[1])
        else {
            print("usage: kioskpay-fuzz TARGET [LIBFUZZER-OPTION...], with TARGET one of: \(words)")
            exit(2)
        }
        unsafe Self.target = target
        // The arguments live as long as the process; libFuzzer takes the target's name for its program's.
        var count = CommandLine.argc - 1
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            unsafe CommandLine.unsafeArgv + 1
        let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            // libFuzzer lends `size` bytes for the call; they are copied.
            let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
            Main.judge(input)
            return 0
        }
        exit(status)
    }

    private static func judge(_ input: [UInt8]) {
        guard let finding = unsafe target?.finding(in: input) else { return }
        // libFuzzer stores the input when the process dies.
        fatalError("finding: \(finding)")
    }
}

/// Called by libFuzzer in place of its own mutation; found by its name.
@_cdecl("LLVMFuzzerCustomMutator")
func customMutator(
    _ data: UnsafeMutablePointer<UInt8>,
    _ size: Int,
    _ maximum: Int,
    _ seed: UInt32,
) -> Int {
    // libFuzzer lends `maximum` bytes for the call, of which `size` are set.
    let buffer = unsafe UnsafeMutableBufferPointer(start: data, count: maximum)
    let size = unsafe LLVMFuzzerMutate(data, size, maximum)
    guard unsafe Main.target == .v2Reply else { return size }
    var generator = SplitMix64(seed: UInt64(seed))
    let mutated = unsafe V2ReplyMutation.applied(to: Array(buffer[..<size]), using: &generator)
    // What outgrew the bound is left out, and libFuzzer's own mutation stands.
    guard mutated.count <= maximum else { return size }
    for (index, byte) in mutated.enumerated() { unsafe buffer[index] = byte }
    return mutated.count
}
