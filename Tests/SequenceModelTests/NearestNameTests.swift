import SequenceModel
import Testing

@Suite struct NearestNameTests {
    private let keys = ["hidden_size", "vocab_size", "num_hidden_layers", "learning_rate", "x"]

    @Test(arguments: [
        ("hiden_size", "hidden_size"), ("hidden_sizes", "hidden_size"), ("hiddne_size", "hidden_size"),
        ("HIDDEN_SIZE", "hidden_size"), ("leraning_rate", "learning_rate"), ("num_hiden_layer", "num_hidden_layers"),
        ("y", "x"),
    ])
    func finds(_ typed: String, _ meant: String) { #expect(nearestName(to: typed, among: keys) == meant) }

    @Test func findsNothingFarAway() {
        #expect(nearestName(to: "temperature", among: keys) == nil)
        #expect(nearestName(to: "hidden", among: keys) == nil)
        #expect(nearestName(to: "anything", among: []) == nil)
        #expect(nearestName(to: "", among: ["abc"]) == nil)
    }

    @Test func firstOfEquallyNear() { #expect(nearestName(to: "ab", among: ["ac", "ad"]) == "ac") }
}
