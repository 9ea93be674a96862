/// The permutations of five things, all or the even ones, numbered in the order of their digits.
struct PermutationGroup: Sendable {
    static let symmetric = PermutationGroup { _ in true }
    static let alternating = PermutationGroup { PermutationGroup.inversions($0) % 2 == 0 }

    /// Where each thing goes.
    let elements: [[Int]]
    /// [order, order]
    private let products: [Int]

    var order: Int { elements.count }
    /// The one that moves nothing is the first.
    let identity = 0
    /// Those that swap two things.
    var swaps: [Int] {
        elements.indices.filter { index in elements[index].enumerated().count { $0.offset != $0.element } == 2 }
    }

    private init(_ isMember: ([Int]) -> Bool) {
        var all: [[Int]] = [[]]
        for _ in 0 ..< 5 { all = all.flatMap { start in (0 ..< 5).filter { !start.contains($0) }.map { start + [$0] } } }
        let elements = all.filter(isMember)
        let numbers = Dictionary(uniqueKeysWithValues: elements.enumerated().map { ($0.element, $0.offset) })
        products = elements.flatMap { first in elements.map { second in numbers[first.map { second[$0] }] ?? 0 } }
        self.elements = elements
    }

    /// First one, then the other.
    func then(_ first: Int, _ second: Int) -> Int { products[first * order + second] }

    private static func inversions(_ element: [Int]) -> Int {
        element.indices.reduce(0) { sum, i in sum + element[..<i].count { $0 > element[i] } }
    }
}
