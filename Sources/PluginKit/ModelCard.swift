/// What an architecture says of itself: the model card's head. The rest of the description follows from the type.
public struct ModelCard: Sendable {
    /// What the command line and `model_type` call it: `[a-z0-9_-]+`.
    public var id: String
    /// For people.
    public var name: String
    /// "transformer", "state-space", "recurrent", "diffusion", …
    public var family: String
    /// One sentence.
    public var summary: String
    /// Title and arXiv id.
    public var paper: String
    /// SPDX identifier.
    public var licence: String
    /// Further values of `model_type` whose checkpoints this architecture reads.
    public var modelTypes: [String]

    /// See the properties.
    public init(
        id: String, name: String, family: String, summary: String, paper: String, licence: String = "Apache-2.0",
        modelTypes: [String] = []
    ) {
        self.id = id
        self.name = name
        self.family = family
        self.summary = summary
        self.paper = paper
        self.licence = licence
        self.modelTypes = modelTypes
    }
}
