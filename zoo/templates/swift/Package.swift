// swift-tools-version: 6.2
import PackageDescription

// The kit for authors: Swift packages with the layers, the tensors and what makes a plugin of them. ZOO_KIT in the environment
// (the Makefile sets it) says where it is; a path that ends in "kit".
let kit = Context.environment["ZOO_KIT"] ?? "@KIT@"

// The library carries a private Swift runtime and shows the loader one symbol: it works in any program, on a machine
// without Swift, and disturbs no other library.
let linkerFlags = [
    "-static-stdlib",
    "-Xlinker", "--version-script=\(kit)/Sources/PluginKit/plugin.map",
    "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "now",
    "-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "--gc-sections", "-Xlinker", "-s",
]

let package = Package(
    name: "Minimal",
    products: [.library(name: "Minimal", type: .dynamic, targets: ["Minimal"])],
    dependencies: [.package(path: kit)],
    targets: [
        .target(
            name: "Minimal", dependencies: [.product(name: "PluginKit", package: "kit")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ],
            linkerSettings: [.unsafeFlags(linkerFlags)])
    ]
)
