import Testing

/// The Python package of zoo/hosts/python at work, straight from the working copy.
enum PythonHost {
    static let isThere: ConditionTrait = .enabled(
        if: Tools.python != nil, "no python3 with NumPy: apt-get install python3-numpy")

    /// Runs a script of Tests/Hosts.
    static func run(_ script: String, _ arguments: String...) throws -> HostProcess {
        try HostProcess.run(
            try #require(Tools.python), [Repository.path("Tests/Hosts/\(script)")] + arguments,
            environment: ["PYTHONPATH": Repository.path("zoo/hosts/python"), "PYTHONDONTWRITEBYTECODE": "1"])
    }
}
