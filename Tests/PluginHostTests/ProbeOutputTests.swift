import SequenceModel
import Testing

@testable import PluginHost

/// What a plugin says of the shape of its probes' values.
@Suite struct ProbeOutputTests {
    private func read(_ text: String) throws -> ProbeOutput { try ProbeOutput(JSONParser.parse(text), "output 0") }

    @Test func defaults() throws {
        let output = try read("{}")
        #expect(output.axes.isEmpty && output.extents.isEmpty && output.unit.isEmpty && output.combination == .mean)
        #expect(output.count == 1)
    }

    @Test func everything() throws {
        let output = try read(
            #"{"axes":["layer","part"],"extents":[3,2],"labels":[null,["a","b"]],"unit":"nats","combine":"maximum","later":1}"#)
        #expect(output.axes == ["layer", "part"] && output.extents == [3, 2] && output.count == 6)
        #expect(output.labels == [nil, ["a", "b"]] && output.unit == "nats" && output.combination == .maximum)
    }

    @Test(arguments: [
        ("[]", "is an array"), (#"{"axes":["a"]}"#, "extents is not a list of 1"), (#"{"axes":["a"],"extents":[0]}"#, "extent of a is 0"),
        (#"{"axes":["a"],"extents":[-2]}"#, "extent of a is -2"), (#"{"axes":["a"],"extents":[1.5]}"#, "not a whole number"),
        (#"{"axes":["a","b"],"extents":[4000000000,4000000000]}"#, "extent of a is 4000000000"),
        (#"{"axes":["a","b"],"extents":[4000,4000]}"#, "extent of b is 4000"),
        (#"{"axes":["a","a"],"extents":[1,1]}"#, "two of one name"), (#"{"axes":[7],"extents":[1]}"#, "each is a text"),
        (#"{"axes":["\u001b[0m"],"extents":[1]}"#, "control characters"), (#"{"axes":"a"}"#, "is a string"),
        (#"{"axes":["a"],"extents":[2],"labels":[["x"]]}"#, "1 labels for the 2 places"),
        (#"{"axes":["a"],"extents":[2],"labels":[null,null]}"#, "labels is not a list of 1"), (#"{"combine":"median"}"#, "known: mean, minimum"),
        (#"{"unit":3}"#, "unit"),
    ])
    func refuses(text: String, reason: String) {
        #expect {
            _ = try read(text)
        } throws: { error in
            (error as? ForeignFault)?.message.contains(reason) == true
        }
    }
}
