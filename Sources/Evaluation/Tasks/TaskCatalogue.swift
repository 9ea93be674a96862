import PluginHost
import SequenceModel

/// Every task there is.
public enum TaskCatalogue {
    /// Goes up when a generator makes other rows than before: results of then are not results of now.
    static let revision = 1

    /// In the order in which they are listed.
    public static let all: [TaskDescription] = [
        AssociativeRecall.about, Induction.about, MultiQueryRecall.about,
        InContextRecall.about, InContextRecall.noisy, FuzzyRecall.about, SelectiveCopy.mad, Compression.about, Memorization.about,
        Copying.about, SelectiveCopy.about,
        Parity.about, ModularArithmetic.about, PermutationWords.symmetric, PermutationWords.alternating, ModularAddition.about,
        Passkey.about, ContinualReading.about, ContinualText.about,
    ]

    /// The task of that name. Throws `ZooError` (`.usage`) with the nearest name.
    public static func description(of name: String) throws -> TaskDescription {
        if let found = all.first(where: { $0.name == name }) { return found }
        let names = all.map(\.name)
        let near = nearestName(to: name, among: names).map { "did you mean \($0)?" }
        throw ZooError(.usage, "there is no task \(name.isEmpty ? "without a name" : name)", hint: near ?? "the tasks are \(names.joined(separator: ", "))")
    }
}
