import Foundation
import PluginHost
import SequenceModel
import Testing

/// `--parameters` is met by every architecture in the repository, whatever the budget.
@Suite struct BudgetTests {
    static let models = [
        ("Transformer", "transformer"), ("StateSpace", "s4d"), ("StateSpace", "mamba"), ("StateSpace", "mamba2"),
        ("Hyena", "hyena"), ("Minimal", "minimal"), ("LSTM", "lstm"), ("LSTM", "gru"),
        ("Diffusion", "diffusion"), ("ByteLevel", "megabyte"), ("ByteLevel", "blt"), ("ByteLevel", "bitlevel"),
        ("TestTimeMemory", "gated-deltanet"), ("TestTimeMemory", "deltanet"),
        ("TestTimeMemory", "ttt-linear"), ("TestTimeMemory", "ttt-mlp"), ("TestTimeMemory", "titans-mag"),
        ("TestTimeMemory", "titans-mac"), ("TestTimeMemory", "titans-mal"), ("TestTimeMemory", "titans-lmm"),
        ("RWKV", "rwkv4"), ("RWKV", "rwkv7"), ("Hybrid", "hybrid"), ("Hybrid", "samba"), ("Hybrid", "jamba"),
    ]

    /// 24 budgets from 10 k to 200 k, where widths are far apart, and 40 from there to 100 M, equal steps of the logarithm.
    static let budgets: [Int] =
        (0 ..< 24).map { geometric(10_000, 200_000, Double($0) / 24) } + (0 ... 40).map { geometric(200_000, 100_000_000, Double($0) / 40) }

    private static func geometric(_ low: Double, _ high: Double, _ part: Double) -> Int {
        Int((low * pow(high / low, part)).rounded())
    }

    @Test func theGridIsWhatItSays() {
        #expect(BudgetTests.budgets.first == 10_000 && BudgetTests.budgets.last == 100_000_000 && BudgetTests.budgets[24] == 200_000)
    }

    @Test(arguments: models) func everyBudgetIsMet(_ library: String, _ id: String) throws {
        let factory = try PluginLibrary.factory(library, id)
        var misses: [String] = []
        for budget in BudgetTests.budgets {
            do {
                let proposal = try factory.propose(Budget(parameters: budget, alphabet: 256, context: 256))
                let model = try factory.create(try factory.resolve(proposal), services: NoHostServices())
                let count = model.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count : 0) }
                let error = Double(count) / Double(budget) - 1
                if abs(error) > 0.05 { misses.append("\(budget): \(count)") }
            } catch { misses.append("\(budget): \(error)") }
        }
        #expect(misses.isEmpty, "\(misses.joined(separator: "\n"))")
    }

    /// Budgets that no embedding of 256 symbols allows are refused with what is possible, and that is then met.
    @Test(arguments: models) func whatIsTooSmallIsRefusedWithTheNearest(_ library: String, _ id: String) throws {
        let factory = try PluginLibrary.factory(library, id)
        do {
            _ = try factory.propose(Budget(parameters: 100, alphabet: 256, context: 256))
            Issue.record("\(id) has a configuration of 100 parameters")
        } catch let error as SequenceModelError {
            #expect(error.code == .invalidArgument)
            let match = try #require(error.message.firstMatch(of: /smallest possible: (\d+)/), "\(error.message)")
            let smallest = try #require(Int(match.1))
            let proposal = try factory.propose(Budget(parameters: smallest, alphabet: 256, context: 256))
            let model = try factory.create(proposal, services: NoHostServices())
            let count = model.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count : 0) }
            #expect(abs(Double(count) / Double(smallest) - 1) <= 0.05, "\(smallest): \(count)")
        }
    }
}
