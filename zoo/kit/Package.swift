// swift-tools-version: 6.2
// What an architecture in Swift is built from, as a package of its own: a project made by `zoo new` depends on it by path.
// Sources, not compiled modules: Swift has no stable module format on Linux, so a .swiftmodule would serve one compiler only.
// In the repository `Sources` here are links to the modules of the bench; `make install` copies what they point to.
// The settings are those of the repository's Package.swift, word for word: a test compares.
import PackageDescription

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

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

let package = Package(
    name: "kit",
    products: [
        .library(name: "PluginKit", targets: ["PluginKit", "Layers", "Tensor", "SequenceModel", "CSequenceModel"])
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
    ]
)
