import Sandbox
import Threads

enum DemoConsole {
    static func run(_ options: DemoRig.Options, keepsFolder: Bool, until: WakeDescriptor) throws {}
}
