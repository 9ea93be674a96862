import ArgumentParser
import Experiments

/// Reads sizes on the command line, with one message for all options that take them.
enum SizeArguments {
    /// A count, powers of 1,000: 300, 256k, 1M.
    static func count(_ text: String, _ option: String) throws -> Int {
        guard let value = SizeText.count(text) else {
            throw ValidationError(
                "\(option) is \(text); expected a whole number from 1 to 10^15, such as 300, 256k or 1M")
        }
        return value
    }

    /// A length in bytes or tokens, powers of 1,024: 256, 1k, 16k.
    static func length(_ text: String, _ option: String) throws -> Int {
        guard let value = SizeText.length(text), value <= 1 << 24 else {
            throw ValidationError("\(option) is \(text); expected 1 to 16M, such as 256, 1k (1,024) or 16k")
        }
        return value
    }
}
