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

    /// An amount of computation: 1e13, 10T, 1P.
    static func operations(_ text: String) throws -> Double {
        guard let value = SizeText.operations(text) else {
            throw ValidationError("--operations is \(text); expected a number up to 1e24, such as 1e13 or 10T")
        }
        return value
    }

    /// An amount of memory, powers of 1,024: 65536, 64k, 64KiB, 1MiB.
    static func bytes(_ text: String) throws -> Int {
        guard let value = SizeText.memory(text) else {
            throw ValidationError("--state is \(text); expected bytes from 1 to 1TiB, such as 65536, 64KiB or 1MiB")
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
