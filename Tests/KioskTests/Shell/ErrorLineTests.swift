import Kiosk
import Testing

@Suite("Errors on the command line")
struct ErrorLineTests {
    @Test("One line, whatever the sentence holds")
    func oneLine() {
        #expect(ErrorLine.text("It broke; mend it.") == "error: It broke; mend it.")
        let two = ErrorLine.text("Missing.\n  Did you mean it?\r\n")
        #expect(two == "error: Missing. Did you mean it?")
    }
}
