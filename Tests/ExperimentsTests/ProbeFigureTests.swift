import Foundation
import SequenceModel
import Testing

@testable import Experiments

@Suite struct ProbeFigureTests {
    private let figure = ProbeFigure(
        summary: "s", axes: ["layer", "part"], extents: [1, 2], labels: [nil, ["a", "b"]], unit: "nats", values: [0.5, nil], windows: 3)

    @Test func isInTheRow() throws {
        var row = exampleRow()
        row.probes = ["p": figure, "q": ProbeFigure(summary: "", reason: "it crashed")]
        let text = try JSONFile.text(row)
        let value = try JSONParser.parse(text)
        #expect(
            value["probes"]?["p"]
                == json(
                    #"{"axes": ["layer", "part"], "extents": [1, 2], "labels": [null, ["a", "b"]], "reason": "", "summary": "s", "unit": "nats", "values": [0.5, null], "windows": 3}"#
                ))
        #expect(try JSONDecoder().decode(ResultRow.self, from: Data(text.utf8)) == row)
        #expect(figure.label(0, 0) == "0" && figure.label(1, 1) == "b")
    }

    /// Rows of an earlier version have none.
    @Test func mayBeMissing() throws {
        var object = try #require(JSONParser.parse(JSONFile.text(exampleRow())).objectValue)
        object["probes"] = nil
        let row = try JSONDecoder().decode(ResultRow.self, from: Data(JSONValue.object(object).description.utf8))
        #expect(row.probes.isEmpty)
    }

    @Test func mustFitTogether() {
        #expect(figure.problem == nil && ProbeFigure(summary: "", reason: "r").problem == nil)
        func broken(_ change: (inout ProbeFigure) -> Void) -> String {
            var row = exampleRow()
            var changed = figure
            change(&changed)
            row.probes = ["p": changed]
            return row.problem ?? "none"
        }
        #expect(broken { $0.extents = [2] } == "probes.p.extents: 1 for 2 axes")
        #expect(broken { $0.extents = [1, 0] } == "probes.p.extents: 0; allowed: 1 or more")
        #expect(broken { $0.extents = [.max, 2] }.hasPrefix("probes.p.extents"))
        #expect(broken { $0.values = [1] } == "probes.p.values: 1 for extents [1, 2]")
        #expect(broken { $0.values = [1, .infinity] } == "probes.p.values: not a finite number")
        #expect(broken { $0.labels = [nil, ["a"]] } == "probes.p.labels: 1 for an extent of 2")
        #expect(broken { $0.labels = [nil] } == "probes.p.labels: 1 for 2 axes")
        #expect(broken { $0.reason = "r" } == "probes.p.values: there although reason says why there are none")
    }
}
