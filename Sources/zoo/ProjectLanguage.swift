import ArgumentParser

/// What a new plugin is written in.
enum ProjectLanguage: String, ExpressibleByArgument, CaseIterable {
    case swift
    case c

    var title: String {
        switch self {
        case .swift: "Swift"
        case .c: "C"
        }
    }

    /// What `make` builds, relative to the project.
    func library(_ name: ProjectName) -> String {
        switch self {
        case .swift: ".build/release/lib\(name.type).so"
        case .c: "build/lib\(name.type).so"
        }
    }
}
