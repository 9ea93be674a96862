/// Colour and point shape of a model in every chart and table: by its place in the plan, never by its rank.
///
/// Colours are those of Okabe and Ito (2008, "Color Universal Design"), which people with any kind of colour vision tell
/// apart; shape and dash differ as well, so that no reader depends on colour.
struct ModelLook: Encodable {
    static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
    static let shapes = ["circle", "rect", "triangle", "rectRot", "triangleDown"]

    let model: String
    let colour: String
    let shape: String
    /// Lengths of dashes and gaps in pixels; empty for a solid line.
    let dash: [Int]
    let index: Int

    init(model: String, index: Int) {
        self.model = model
        self.index = index
        let round = index / ModelLook.colours.count
        colour = ModelLook.colours[index % ModelLook.colours.count]
        // One more with each round of colours, so that colour and shape together repeat only after 35 models.
        shape = ModelLook.shapes[(index + round) % ModelLook.shapes.count]
        dash = [[], [7, 3], [2, 3], [9, 3, 2, 3]][round % 4]
    }

    /// One look for each model, in the order of the rows.
    static func assign(_ models: [String]) -> [String: ModelLook] {
        var looks: [String: ModelLook] = [:]
        for model in models where looks[model] == nil { looks[model] = ModelLook(model: model, index: looks.count) }
        return looks
    }

    /// The shape in its colour, 12 pixels wide; hidden from screen readers, since the name stands beside it.
    var swatch: String {
        let form =
            switch shape {
            case "circle": "<circle cx=\"6\" cy=\"6\" r=\"4.5\"/>"
            case "rect": "<rect x=\"2\" y=\"2\" width=\"8\" height=\"8\"/>"
            case "triangle": "<path d=\"M6 1.2 11 10H1z\"/>"
            case "rectRot": "<path d=\"M6 .6 11.4 6 6 11.4.6 6z\"/>"
            default: "<path d=\"M6 10.8 1 2h10z\"/>"
            }
        return
            "<svg class=\"swatch\" width=\"12\" height=\"12\" viewBox=\"0 0 12 12\" fill=\"\(colour)\" aria-hidden=\"true\">\(form)</svg>"
    }
}
