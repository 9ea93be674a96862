import Foundation
import PluginHost

/// A folder of `templates`, written out under another name.
///
/// The templates are projects themselves: of the model Minimal in Swift, whose sources are those of Plugins/Minimal, and of the model
/// Bigram in C, which the tests of the host use. Their names are replaced, in texts and in names of files.
struct ProjectTemplate {
    let language: ProjectLanguage
    let name: ProjectName
    let kit: AuthorKit
    /// How the project calls this command.
    let zoo: String

    /// Writes the project. Throws `.usage` when there is something at `target` already; then, and when writing fails, nothing
    /// is left behind.
    func write(to target: String) throws {
        try refuseOccupied(target)
        // Beside it first, then renamed: there is a whole project or none.
        let draft = "\(target).new-\(getpid())"
        do {
            let parent = URL(fileURLWithPath: target).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            for file in try AuthorKit.files(in: folder) { try write(file, into: draft) }
            guard rename(draft, target) == 0 else {
                throw ZooError(.data, "\(target): \(String(cString: strerror(errno)).lowercased())")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw error as? ZooError ?? ZooError(.data, "\(target) cannot be written: \(error.localizedDescription)", cause: error)
        }
    }

    private var folder: String { "\(kit.root)/templates/\(language.rawValue)" }

    private func refuseOccupied(_ target: String) throws {
        var isDirectory: ObjCBool = false
        guard !target.isEmpty else {
            throw ZooError(.usage, "--directory is empty; it names the folder to write")
        }
        guard FileManager.default.fileExists(atPath: target, isDirectory: &isDirectory) else { return }
        let isEmpty = isDirectory.boolValue && (try? FileManager.default.contentsOfDirectory(atPath: target).isEmpty) == true
        if isEmpty { return }
        throw ZooError(
            .usage, "\(target) is there already\(isDirectory.boolValue ? " and not empty" : "")",
            hint: "name another folder with --directory")
    }

    private func write(_ file: String, into draft: String) throws {
        let source = "\(folder)/\(file)"
        let target = URL(fileURLWithPath: "\(draft)/\(renamed(file))")
        try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: source)), as: UTF8.self)
        try Data(filled(renamed(text), file).utf8).write(to: target)
        if FileManager.default.isExecutableFile(atPath: source) {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: target.path)
        }
    }

    /// The text with this project's names in place of the template's, in one pass: what was put in is not looked at again.
    func renamed(_ text: String) -> String {
        switch language {
        case .swift:
            return text.replacing(/Minimal|minimal/) { $0.output == "Minimal" ? name.type : name.id }
        case .c:
            return text.replacing(/Bigram|BIGRAM|bigram(?=[_.])|bigram/) { match in
                switch match.output {
                case "Bigram": name.type
                case "BIGRAM": name.file.uppercased()
                // A file of C, or a macro that guards one: no dashes.
                case _ where text[match.range.upperBound...].first.map { "_.".contains($0) } == true: name.file
                default: name.id
                }
            }
        }
    }

    /// Paths in place of @KIT@ and @ZOO@, written as the kind of file wants them.
    private func filled(_ text: String, _ file: String) -> String {
        func written(_ path: String) -> String {
            file.hasSuffix(".swift")
                ? path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                : path.replacing("$", with: "$$").replacing("#", with: "\\#")
        }
        return text.replacing(/@KIT@|@ZOO@/) { written($0.output == "@KIT@" ? kit.path : zoo) }
    }
}
