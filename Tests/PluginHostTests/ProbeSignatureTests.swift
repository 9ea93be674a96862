import Testing

@testable import PluginHost

@Suite struct ProbeSignatureTests {
    @Test(arguments: ["->", "BW->", "iWTdBW->di", "dddddddddddd->iiiiiiiiiiii", "T->"])
    func readsWhatItWrites(text: String) throws {
        #expect(try ProbeSignature(parsing: text).description == text)
    }

    @Test func knowsTheLetters() throws {
        let signature = try ProbeSignature(parsing: "idTWB->id")
        #expect(signature.arguments == [.integer, .number, .tensor, .written, .batch])
        #expect(signature.results == [.integer, .number])
        #expect(signature.writtenCount == 1)
    }

    @Test(arguments: [
        ("", "has no \"->\""), ("id", "has no \"->\""), ("id>d", "has no \"->\""), ("i-", "has no \"->\""),
        ("Qd->d", "the argument \"Q\", which this program does not know; known: i d T W B"),
        ("b->", "the argument \"b\""), (" i->", "the argument \" \""), ("i->T", "the result \"T\", which this program does not know; known: i d"),
        ("i->d->d", "the result \"-\""), ("ddddddddddddd->", "13 arguments; allowed: at most 12"),
        ("->ddddddddddddd", "13 results; allowed: at most 12"), ("ï->d", "the argument \"ï\""),
    ])
    func refuses(text: String, reason: String) {
        #expect {
            _ = try ProbeSignature(parsing: text)
        } throws: { error in
            (error as? ForeignFault)?.message.contains(reason) == true
        }
    }

    @Test func measurable() throws {
        for text in ["BW->", "B->d"] { #expect(try ProbeSignature(parsing: text).isMeasurable) }
        for text in ["WB->", "BWW->", "BW->d", "B->i", "B->", "i->d", "BT->"] {
            #expect(try !ProbeSignature(parsing: text).isMeasurable)
        }
    }
}
