import Testing

@Suite("The rooms of the house")
struct RoomTests {
    @Test("The table goes down only: each room names rooms above it")
    func table() {
        var above: Set<String> = []
        for room in Room.all {
            #expect(room.mayImport.isSubset(of: above), "\(room.name)")
            #expect(above.insert(room.name).inserted, "\(room.name) stands twice")
        }
    }

    @Test("Every folder of Sources is a room, and each imports only what its row allows")
    func imports() throws {
        let rooms = Dictionary(uniqueKeysWithValues: Room.all.map { ($0.name, $0) })
        let sources = try Tree.sources()
        #expect(!sources.isEmpty)
        for (name, path) in sources {
            let room = try #require(rooms[name], "\(name) is not in the table of rooms")
            let allowed = room.mayImport.union(room.mayImportFromOutside)
            for module in Imports.modules(in: try Tree.text(of: path)) {
                #expect(allowed.contains(module), "\(path) imports \(module)")
            }
        }
    }

    @Test("The manifest gives each room only what its row allows, and all that it imports")
    func manifest() throws {
        let manifest = Manifest(try Tree.text(of: "Package.swift"))
        #expect(manifest.dependencies["Payments"] == [])
        let rooms = Dictionary(uniqueKeysWithValues: Room.all.map { ($0.name, $0) })
        for (name, dependencies) in manifest.dependencies.sorted(by: { $0.key < $1.key }) {
            let room = try #require(rooms[name], "\(name) is not in the table of rooms")
            for dependency in dependencies {
                let isAllowed =
                    room.mayImport.contains(dependency)
                    || room.mayImportFromOutside.contains(dependency)
                #expect(isAllowed, "\(name) depends on \(dependency)")
            }
        }
        let ours = Set(Room.all.map(\.name))
        for (name, path) in try Tree.sources() {
            let declared = try #require(manifest.dependencies[name], "\(name) is no target")
            for module in Imports.modules(in: try Tree.text(of: path)) where ours.contains(module) {
                #expect(declared.contains(module), "\(path) imports \(module), undeclared")
            }
        }
    }

    @Test(
        "The table allows nothing that its room does not import, nor the manifest what the table does not"
    )
    func used() throws {
        var imported: [String: Set<String>] = [:]
        for (name, path) in try Tree.sources() {
            imported[name, default: []].formUnion(Imports.modules(in: try Tree.text(of: path)))
        }
        let manifest = Manifest(try Tree.text(of: "Package.swift"))
        for room in Room.all {
            // Compiled from C alone, or from the sources of another target.
            guard let imports = imported[room.name] else { continue }
            let allowed = room.mayImport.union(room.mayImportFromOutside).subtracting(Room.system)
            #expect(allowed.subtracting(imports) == [], "\(room.name) imports none of these")
            let declared = Set(try #require(manifest.dependencies[room.name]))
            let ours = declared.intersection(Room.all.map(\.name))
            #expect(ours.subtracting(imports) == [], "\(room.name) depends on these for nothing")
        }
    }

    @Test("The manifest is understood in both of its spellings")
    func spellings() {
        let manifest = Manifest(
            """
            func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
                .target(name: name, dependencies: dependencies)  // not a target "X"
            }
            let logging = Target.Dependency.product(
                name: "Logging", package: "swift-log")
            let package = Package(dependencies: [.package(url: "https://a/b", exact: "1.0.0")], targets: [
                library("CA", "a", apt: "liba-dev"),
                .systemLibrary(name: "CB"),
                .target(name: "CC", linkerSettings: [.linkedLibrary("c")]),
                room("A", ["CA", "CB"]),
                room(
                    "B",
                    [
                        "A", logging, .product(name: "P", package: "q"),
                    ], exclude: ["x"]),
                .executableTarget(
                    name: "b",
                    dependencies: ["B", .target(name: "A")],
                ),
                tests("ATests", ["A"]),
            ])
            """
        )
        #expect(
            manifest.dependencies == [
                "CA": [], "CB": [], "CC": [], "A": ["CA", "CB"], "B": ["A", "Logging", "P"],
                "b": ["B", "A"],
            ]
        )
    }

    @Test("Imports are found in every spelling, and only they")
    func importSpellings() {
        let text = """
            import A
            package import B
            @preconcurrency internal import C.D
              import struct E.F
            @_spi(X) import G
            // import H
            let important = "import I"
            """
        #expect(Imports.modules(in: text) == ["A", "B", "C", "E", "G"])
    }

    @Test("No source imports Foundation")
    func foundation() throws {
        for (_, path) in try Tree.sources() {
            for module in Imports.modules(in: try Tree.text(of: path)) {
                #expect(!module.hasPrefix("Foundation"), "\(path) imports \(module)")
            }
        }
    }
}
