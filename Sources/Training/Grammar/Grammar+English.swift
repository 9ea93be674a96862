extension Grammar {
    /// Short stories in a small English. What is in it, and whom it tells apart:
    /// - words and their endings: any model;
    /// - the verb agrees with its subject across a clause of any depth in between: a state or a look back;
    /// - clauses inside clauses: a stack, as far as the text goes;
    /// - names, a town and a number that are drawn once and then repeated over hundreds of bytes: copying, for which a model with a state of fixed
    ///   size has to keep what a model with a cache can look up.
    ///
    /// Unambiguous: a noun takes at most one modifier and every alternative differs from its siblings in its first words.
    static let english = Grammar([
        ("story", [
            (4, "{+girl} and {+boy} live in {+town}. Their house has the number {+number}.{rest}"),
            (3, "{+boy} meets {+girl} in {+town} at the gate with the number {+number}.{rest}"),
            (3, "The people of {+town} know {+girl} and {+boy} well. The key of {=girl} opens door {+number}.{rest}"),
        ]),
        ("rest", [(0.88, " {sentence}{rest}"), (0.12, "\n")]),
        ("sentence", [
            (5, "{Clause}."),
            (2, "{Clause}, and {clause}."),
            (2, "{Person} says that {clause}."),
            (1.5, "In {=town}, {clause}."),
            (1, "{Person} looks for number {=number}."),
            (0.5, "When {clause}, {clause}."),
        ]),
        ("Clause", [(5, "{Singular} {does}"), (4, "{Plural} {do}"), (4, "{Person} {does}")]),
        ("clause", [(5, "{singular} {does}"), (4, "{plural} {do}"), (4, "{person} {does}")]),
        ("Person", [(3, "{=girl}"), (3, "{=boy}"), (2, "She"), (2, "He")]),
        ("person", [(3, "{=girl}"), (3, "{=boy}"), (2, "she"), (2, "he")]),
        ("does", [(2, "{sleeps}{manner}"), (3, "{sees} {object}{manner}")]),
        ("do", [(2, "{sleep}{manner}"), (3, "{see} {object}{manner}")]),
        ("manner", [(17, ""), (1, " again"), (1, " in the morning"), (1, " all day")]),
        ("object", [(5, "{singular}"), (3, "{plural}"), (1, "{=girl}"), (1, "{=boy}"), (0.5, "her"), (0.5, "him")]),
        ("Singular", [(6, "The {qualities}{cat}{one}"), (1, "Every {qualities}{cat}{one}"), (1, "This {qualities}{cat}{one}")]),
        ("singular", [(6, "the {qualities}{cat}{one}"), (1, "every {qualities}{cat}{one}"), (1, "this {qualities}{cat}{one}")]),
        ("Plural", [(5, "The {qualities}{cats}{many}"), (1, "Many {qualities}{cats}{many}"), (1, "These {qualities}{cats}{many}")]),
        ("plural", [(5, "the {qualities}{cats}{many}"), (1, "many {qualities}{cats}{many}"), (1, "these {qualities}{cats}{many}")]),
        ("qualities", [(7, ""), (3, "{quality} {qualities}")]),
        ("one", [(15, ""), (2, " near {object}"), (1.5, " that {sleeps}"), (1, " that {sees} {object}"), (2, " that {owner}")]),
        ("many", [(15, ""), (2, " near {object}"), (1.5, " that {sleep}"), (1, " that {see} {object}"), (2, " that {owner}")]),
        ("owner", [(3, "{singular} {sees}"), (2, "{plural} {see}"), (1, "{person} {sees}")]),
        ("cat", ranked(nouns.map(\.singular))),
        ("cats", ranked(nouns.map(\.plural))),
        ("quality", ranked(["old", "small", "red", "young", "quiet", "brown", "clever", "happy", "grey", "strange", "tall", "lazy"])),
        ("sleeps", ranked(["sleeps", "runs", "sings", "laughs", "waits", "dances", "falls", "works", "swims", "smiles"])),
        ("sleep", ranked(["sleep", "run", "sing", "laugh", "wait", "dance", "fall", "work", "swim", "smile"])),
        ("sees", ranked(verbs.map { $0 + "s" })),
        ("see", ranked(verbs)),
        ("girl", even(["Anna", "Clara", "Emma", "Ida", "Julia", "Lena", "Marta", "Nora", "Rosa", "Vera", "Tilda", "Wanda"])),
        ("boy", even(["Adam", "Bruno", "David", "Felix", "Hugo", "Jonas", "Karl", "Leo", "Oskar", "Paul", "Simon", "Tom"])),
        ("town", [(1, "{Start}{middle}{end}")]),
        ("Start", even(["Bar", "Dun", "Fel", "Gar", "Hol", "Kes", "Lin", "Mor", "Nes", "Ral", "Sol", "Tar", "Ul", "Vin", "Wel", "Yor"])),
        ("middle", even(["a", "e", "i", "o", "u", "ada", "emi", "ilo", "ona", "uri", "ati", "elu", "ira", "oke", "uma", "ena"])),
        ("end", even(["by", "dale", "ford", "gate", "ham", "land", "mouth", "ton"])),
        ("number", [(1, "{digit}{digit}{digit}{digit}")]),
        ("digit", even((0 ... 9).map(String.init))),
    ])

    private static let nouns: [(singular: String, plural: String)] = [
        ("cat", "cats"), ("dog", "dogs"), ("child", "children"), ("bird", "birds"), ("teacher", "teachers"), ("farmer", "farmers"),
        ("horse", "horses"), ("doctor", "doctors"), ("mouse", "mice"), ("king", "kings"), ("baker", "bakers"), ("fox", "foxes"),
        ("woman", "women"), ("man", "men"), ("sailor", "sailors"), ("tree", "trees"), ("river", "rivers"), ("house", "houses"),
        ("goose", "geese"), ("boat", "boats"), ("wolf", "wolves"), ("poet", "poets"), ("clock", "clocks"), ("garden", "gardens"),
    ]
    private static let verbs = [
        "see", "follow", "find", "help", "like", "hear", "call", "feed", "chase", "love", "visit", "draw", "remember", "greet",
    ]

    /// Words by falling frequency, as in language (Zipf): the k-th has weight 1 / (k + 2).
    private static func ranked(_ words: [String]) -> [(weight: Double, text: String)] {
        words.enumerated().map { (1 / Double($0.offset + 3), $0.element) }
    }

    private static func even(_ words: [String]) -> [(weight: Double, text: String)] { words.map { (1, $0) } }
}
