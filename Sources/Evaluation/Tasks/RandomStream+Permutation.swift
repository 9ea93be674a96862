import SequenceModel

extension RandomStream {
    /// 0 ..< count in an order of which each is as likely (Fisher and Yates); the same on every machine.
    mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0 ..< count)
        for place in stride(from: count - 1, to: 0, by: -1) { order.swapAt(place, index(below: place + 1)) }
        return order
    }
}
