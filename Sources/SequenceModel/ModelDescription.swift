/// What an architecture says of itself. Nothing in here decides a comparison: figures are measured by the host.
public struct ModelDescription: Sendable, Equatable {
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
    /// What its scores are.
    public var likelihood: Likelihood
    /// What it can do.
    public var capabilities: Capabilities
    /// JSON schema with `properties`, each with `type` and `default`.
    public var configurationSchema: String

    /// See the properties.
    public init(
        id: String, name: String, family: String, summary: String, paper: String, licence: String,
        likelihood: Likelihood, capabilities: Capabilities, configurationSchema: String
    ) {
        self.id = id
        self.name = name
        self.family = family
        self.summary = summary
        self.paper = paper
        self.licence = licence
        self.likelihood = likelihood
        self.capabilities = capabilities
        self.configurationSchema = configurationSchema
    }
}
