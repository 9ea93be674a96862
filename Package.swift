// swift-tools-version: 6.2
import Foundation
import PackageDescription

let root = URL(fileURLWithPath: Context.packageDirectory)

/// Names of the folders directly under `folder`.
func folders(in folder: String) -> [String] {
    let url = root.appendingPathComponent(folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.filter { name in
        var isDirectory: ObjCBool = false
        let path = url.appendingPathComponent(name).path
        return !name.hasPrefix(".") && FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory.boolValue
    }.sorted()
}

// Vectorised exp and the like come from glibc's libmvec, which Debian 12 has for x86-64 only.
#if arch(x86_64)
    let multiarch = "x86_64-linux-gnu"
    let vectorMathFlags = ["-fveclib=libmvec"]
    let vectorMathLibraries: [LinkerSetting] = [.linkedLibrary("mvec")]
#else
    let multiarch = "aarch64-linux-gnu"
    let vectorMathFlags: [String] = []
    let vectorMathLibraries: [LinkerSetting] = []
#endif

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// A plugin carries a private Swift runtime and shows the loader one symbol: it works in any program,
// on a machine without Swift, and disturbs no other library.
let pluginLinkerFlags = [
    "-Xlinker", "--version-script=\(root.appendingPathComponent("Sources/PluginKit/plugin.map").path)",
    "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "now",
    "-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "--gc-sections", "-Xlinker", "-s",
]
let pluginLinkerSettings: [LinkerSetting] = [.unsafeFlags(["-static-stdlib"] + pluginLinkerFlags)]

/// True for a folder with sources in C and none in Swift.
func isPlainC(_ path: String) -> Bool {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(path).path)) ?? []
    return files.contains { $0.hasSuffix(".c") } && !files.contains { $0.hasSuffix(".swift") }
}

// A plugin in C knows the header and the C library alone: no Swift start-up code, no library it does not call.
let plainPluginLinkerSettings: [LinkerSetting] = [
    .unsafeFlags([
        "-nostartfiles", "-no-toolchain-stdlib-rpath",
        "-Xclang-linker", "--config=\(root.appendingPathComponent("Sources/PluginKit/c-plugin.cfg").path)",
    ] + pluginLinkerFlags),
    .linkedLibrary("m"),
]

/// Every folder under Plugins is one shared library: adding an architecture edits nothing here.
/// (`--manifest-cache none`, see the Makefile, makes the package manager look again on every build.)
func plugin(_ name: String) -> Target {
    if isPlainC("Plugins/\(name)") {
        return .target(
            name: name, dependencies: ["CSequenceModel"], path: "Plugins/\(name)", exclude: ["README.md"],
            publicHeadersPath: ".", cSettings: [.unsafeFlags(["-O3", "-std=c11", "-fvisibility=hidden"])],
            linkerSettings: plainPluginLinkerSettings)
    }
    return .target(
        name: name, dependencies: ["PluginKit", "Layers", "Tensor", "SequenceModel", "CSequenceModel"],
        path: "Plugins/\(name)", exclude: ["README.md"], swiftSettings: swiftSettings,
        linkerSettings: pluginLinkerSettings)
}

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

/// Tests that compute little are not optimised: compiling them would take longer than running them.
func tests(_ name: String, _ dependencies: [Target.Dependency], computes: Bool = false) -> Target {
    .testTarget(
        name: name, dependencies: dependencies,
        swiftSettings: swiftSettings + (computes ? [] : [.unsafeFlags(["-Onone"])]))
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let plugins = folders(in: "Plugins")

let package = Package(
    name: "zoo",
    products: [.executable(name: "zoo", targets: ["zoo"])]
        + plugins.map { .library(name: $0, type: .dynamic, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        .target(name: "CSequenceModel", exclude: ["sequence-model.pc.in"]),
        module("SequenceModel"),
        .target(
            name: "Kernels",
            cSettings: [
                .unsafeFlags([
                    "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fvisibility=hidden",
                ] + vectorMathFlags)
            ],
            // OpenBLAS, serial and static: no threads of its own, no state shared with the rest of the process. Its allocator
            // goes through blas_memory.c, which says why.
            linkerSettings: [
                .unsafeFlags([
                    "-L/usr/lib/\(multiarch)/openblas-serial", "-l:libopenblas.a",
                    "-Xlinker", "--wrap=blas_memory_alloc", "-Xlinker", "--wrap=blas_memory_free",
                ]),
                .linkedLibrary("m"),
            ] + vectorMathLibraries),
        module("Tensor", ["Kernels"]),
        module("Layers", ["Tensor", "SequenceModel"]),
        module("PluginKit", ["Layers", "Tensor", "SequenceModel", "CSequenceModel"], exclude: ["plugin.map", "c-plugin.cfg"]),
        .systemLibrary(name: "CFFI"),
        .target(
            name: "PluginHost", dependencies: ["SequenceModel", "CSequenceModel", "CFFI", crypto, logging],
            swiftSettings: swiftSettings,
            // Calls functions whose signature a plugin declares. Static: what is installed needs no package.
            linkerSettings: [.unsafeFlags(["-l:libffi_pic.a"])]),
        module("Training", ["PluginHost", "SequenceModel", "Kernels", crypto, logging]),
        module(
            "Evaluation", ["Training", "PluginHost", "SequenceModel", "Kernels", logging], exclude: ["Tasks/README.md"]),
        module("Experiments", ["Evaluation", "Training", "PluginHost", "SequenceModel", crypto], exclude: ["README.md"]),
        .target(
            name: "RunStore", dependencies: ["Experiments", "Evaluation", "Training", "PluginHost", "SequenceModel", grdb],
            exclude: ["README.md", "link"], swiftSettings: swiftSettings,
            // The library that GRDB asks for is found here first, and is static: see the file.
            linkerSettings: [.unsafeFlags(["-L\(root.appendingPathComponent("Sources/RunStore/link").path)"])]),
        module(
            "Conformance", ["Training", "PluginHost", "SequenceModel", "CSequenceModel"], exclude: ["README.md"]),
        module("Report", ["Experiments", "Evaluation", "PluginHost", "SequenceModel", crypto], exclude: ["README.md"]),
        .executableTarget(
            name: "zoo",
            dependencies: [
                "Conformance", "Report", "RunStore", "Experiments", "Evaluation", "Training", "PluginHost", "SequenceModel", "Kernels",
                argumentParser, logging, subprocess,
            ],
            swiftSettings: swiftSettings),
        // Compiles the C plugins of Tests/Plugins when a test asks for them.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        tests("SequenceModelTests", ["SequenceModel", "CSequenceModel"]),
        tests("KernelsTests", ["Kernels"], computes: true),
        tests("TensorTests", ["Tensor", "Kernels"], computes: true),
        tests("LayersTests", ["Layers", "Tensor", "SequenceModel", "Training"], computes: true),
        tests("PluginKitTests", ["PluginKit", "PluginHost", "Layers", "Tensor", "SequenceModel", "CSequenceModel", "TestSupport"]),
        tests("PluginHostTests", ["PluginHost", "SequenceModel", "CSequenceModel", "TestSupport"]),
        tests("TrainingTests", ["Training", "PluginHost", "SequenceModel", "TestSupport"], computes: true),
        tests("EvaluationTests", ["Evaluation", "Training", "PluginHost", "SequenceModel", "TestSupport"], computes: true),
        tests("ExperimentsTests", ["Experiments", "Evaluation", "Training", "PluginHost", "SequenceModel", "TestSupport"]),
        tests("RunStoreTests", ["RunStore", "Experiments", "PluginHost", "SequenceModel", grdb]),
        tests("ConformanceTests", ["Conformance", "PluginHost", "SequenceModel", "CSequenceModel", "TestSupport"]),
        tests("ReportTests", ["Report", "Experiments", "Evaluation", "PluginHost", "SequenceModel"]),
        tests("PluginsTests", ["Training", "PluginHost", "SequenceModel"], computes: true),
        tests("HostsTests", ["Training", "PluginHost", "SequenceModel", "TestSupport"]),
        tests("zooTests", ["zoo", "Training", "PluginHost", "SequenceModel", subprocess, "TestSupport"]),
    ] + plugins.map(plugin)
)
