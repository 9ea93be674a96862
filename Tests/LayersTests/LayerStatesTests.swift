import Layers
import Tensor
import Testing

/// A stack of states goes back as one, or not at all.
@Suite struct LayerStatesTests {
    private struct Counter: ModelState {
        var value: Int
        var canGoBack: Bool
        mutating func visit(_ visitor: StateVisitor) throws { try visitor.visit(&value) }
        mutating func rewind(to position: Int, from length: Int) -> Bool {
            if canGoBack { value = position }
            return canGoBack
        }
    }

    @Test func rewindsAllOrNothing() {
        var states = LayerStates([Counter(value: 9, canGoBack: true), Counter(value: 9, canGoBack: true)])
        let isBack = states.rewind(to: 4, from: 9)
        #expect(isBack && states.layers.map(\.value) == [4, 4])
        var mixed = LayerStates([Counter(value: 9, canGoBack: true), Counter(value: 9, canGoBack: false)])
        let isMixedBack = mixed.rewind(to: 4, from: 9)
        #expect(!isMixedBack && mixed.layers.map(\.value) == [9, 9])
    }

    @Test func visitsEveryLayerInOrder() throws {
        var states = LayerStates([Counter(value: 1, canGoBack: true), Counter(value: 2, canGoBack: true)])
        let writer = StateVisitor.writer()
        try states.visit(writer)
        var read = LayerStates([Counter(value: 0, canGoBack: true), Counter(value: 0, canGoBack: true)])
        let reader = StateVisitor.reader(writer.bytes)
        try read.visit(reader)
        try reader.finishReading()
        #expect(read.layers.map(\.value) == [1, 2])
    }
}
