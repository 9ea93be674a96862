import Testing

/// The Python host: NumPy's memory, errors, threads, sessions, generation, interruption and files. Each check is a function of
/// Tests/Hosts/checks.py and runs in a process of its own.
@Suite(PythonHost.isThere)
struct PythonHostTests {
    static let checks = ["views", "threads", "errors", "sessions", "generation", "interruption", "files", "probes"]

    @Test(arguments: checks, Repository.architectures)
    func passes(_ check: String, _ architecture: Repository.Architecture) throws {
        // Masked diffusion over the whole text reads it at once: it has no sessions.
        if check == "sessions", architecture.model == "diffusion" { return }
        let result = try PythonHost.run("checks.py", check, architecture.path, architecture.model)
        #expect(result.status == 0 && !result.wasKilled, "\(result.errors)")
    }

    @Test func trainsWithAnOptimizerInNumPy() throws {
        let text = Repository.path("README.md")
        let result = try HostProcess.run(
            try #require(Tools.python),
            [
                Repository.path("zoo/hosts/python/train.py"), Repository.plugin("Minimal"), "minimal", text, "--steps", "40",
                "--parameters", "30000", "--threads", "2",
            ], environment: ["PYTHONPATH": Repository.path("zoo/hosts/python"), "PYTHONDONTWRITEBYTECODE": "1"])
        #expect(result.status == 0, "\(result.errors)")
        let losses = Figures.losses(result.output)
        #expect(losses.count == 5)
        let (first, last) = (try #require(losses.first), try #require(losses.last))
        #expect(abs(first - 5.545) < 0.5 && last < 4)
    }

    @Test(.enabled(if: Tools.installingPython != nil, "no pip, setuptools or wheel: apt-get install python3-pip python3-setuptools python3-wheel"))
    func installsWithoutANetwork() throws {
        let folder = try Folders.copy("zoo/hosts/python")
        let python = try #require(Tools.installingPython)
        let target = folder + "/installed"
        let installed = try HostProcess.run(
            python,
            [
                "-m", "pip", "install", "--quiet", "--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check",
                "--target", target, folder,
            ])
        #expect(installed.status == 0, "\(installed.output)\(installed.errors)")
        let used = try HostProcess.run(
            python,
            [
                "-c",
                "import sequence_model as s, sys, os; print(s.__file__, len(s.Plugin.load(sys.argv[1]).models), os.path.exists(os.path.dirname(s.__file__) + '/py.typed'))",
                Repository.plugin("Minimal"),
            ], environment: ["PYTHONPATH": target], folder: "/")
        #expect(used.output == "\(target)/sequence_model/__init__.py 1 True\n", "\(used.errors)")
    }
}
