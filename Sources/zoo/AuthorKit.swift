import Foundation
import PluginHost

/// What `make install` puts beside the command for authors: the kit that a plugin in Swift is built from, and the templates of
/// `zoo new`. In the repository both are folders of `zoo/`.
struct AuthorKit {
    /// The folder that holds `kit` and `templates`.
    let root: String

    /// A Swift package; the header is in it, too.
    var path: String { "\(root)/kit" }

    /// Throws `.data` when the command stands alone.
    static func find(besideExecutable executable: String = executable()) throws -> AuthorKit {
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        var places = [folder.deletingLastPathComponent().appendingPathComponent("share/zoo").path]
        // A build folder lies a few levels inside of the repository: .build/testing/x86_64-unknown-linux-gnu/release.
        var above = folder
        for _ in 0 ..< 5 where above.path != "/" {
            above.deleteLastPathComponent()
            places.append(above.appendingPathComponent("zoo").path)
        }
        for place in places {
            let needed = ["kit/Package.swift", "templates/swift/Package.swift", "templates/c/Makefile"]
            if needed.allSatisfy({ FileManager.default.fileExists(atPath: "\(place)/\($0)") }) { return AuthorKit(root: place) }
        }
        throw ZooError(
            .data, "the kit for authors is not installed with \(executable): there is no \(places[0])/kit",
            hint: "in the zoo repository: make install PREFIX=\(folder.deletingLastPathComponent().path)")
    }

    /// How a Makefile calls this command: by name when that is what a shell would find, else by path.
    static func command(
        executable: String = executable(), path: String = Terminal.variable("PATH")
    ) -> String {
        let name = HostIdentity.name
        let found = path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        let isOurs = found.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path == executable } ?? false
        return isOurs ? name : executable
    }

    /// Throws `.usage` for a type that the project could not declare: the kit or Swift has one of that name.
    func refuse(typeName name: String) throws {
        // Self, Type, Protocol and Any are words of the language; Plugin is the template's second file.
        let known = ["Self", "Type", "Protocol", "Any", "Plugin", "Swift", "Int", "Int32", "Float", "Double", "String", "Bool", "Array", "Configuration"]
        guard try known.contains(name) || declaredNames().contains(name) else { return }
        throw ZooError(
            .usage, "the type would be called \(name), and so is something that it is built from",
            hint: "take another name, such as \(name)-model")
    }

    /// Names of the kit's modules and public types.
    func declaredNames() throws -> Set<String> {
        let sources = "\(path)/Sources"
        var names: Set<String> = []
        for module in try AuthorKit.contents(of: sources) {
            names.insert(module)
            for file in try AuthorKit.files(in: "\(sources)/\(module)") where file.hasSuffix(".swift") {
                let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(sources)/\(module)/\(file)")), as: UTF8.self)
                for match in text.matches(of: /(?:struct|class|enum|protocol|typealias|actor) +([A-Z][A-Za-z0-9]*)/) {
                    names.insert(String(match.1))
                }
            }
        }
        return names
    }

    /// Paths of the files below `folder`, relative to it and in order; links count as what they point to.
    static func files(in folder: String) throws -> [String] {
        try contents(of: folder).flatMap { name in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isDirectory)
            guard isDirectory.boolValue else { return [name] }
            return try files(in: "\(folder)/\(name)").map { "\(name)/\($0)" }
        }
    }

    private static func contents(of folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private static func executable() -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    }
}
