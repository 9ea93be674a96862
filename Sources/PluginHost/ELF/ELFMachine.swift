/// Processor architectures by their ELF number (`e_machine`).
struct ELFMachine: Equatable {
    let number: UInt16

    /// The one that this program was built for.
    static var host: ELFMachine {
        #if arch(x86_64)
            ELFMachine(number: 62)
        #elseif arch(arm64)
            ELFMachine(number: 183)
        #else
            ELFMachine(number: 0)
        #endif
    }

    var name: String {
        let names: [UInt16: String] = [
            2: "SPARC", 3: "x86 (32-bit)", 8: "MIPS", 20: "PowerPC (32-bit)", 21: "PowerPC (64-bit)", 22: "S/390",
            40: "ARM (32-bit)", 62: "x86-64", 183: "ARM (64-bit)", 243: "RISC-V", 258: "LoongArch",
        ]
        return names[number] ?? "machine number \(number)"
    }
}
