/// One dimension of what a probe gives back.
public struct ProbeAxis<Model: TensorModel>: Sendable {
    let name: String
    let labels: [String]?
    let extent: @Sendable (Model) -> Int

    /// An axis whose places are numbered: layers, heads.
    public static func counted(_ name: String, _ extent: @escaping @Sendable (Model) -> Int) -> ProbeAxis {
        ProbeAxis(name: name, labels: nil, extent: extent)
    }

    /// An axis whose places have names.
    public static func named(_ name: String, _ labels: [String]) -> ProbeAxis {
        ProbeAxis(name: name, labels: labels, extent: { _ in labels.count })
    }
}
