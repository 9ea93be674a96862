/// Figures in what the programs of other hosts print.
enum Figures {
    /// The numbers of the lines "step N loss X".
    static func losses(_ text: String) -> [Double] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 4, words[0] == "step", words[2] == "loss" else { return nil }
            return Double(words[3])
        }
    }

    /// Files that a listing of /proc/self/maps names.
    static func mappedFiles(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap { line in
                guard line.contains("-"), let start = line.firstIndex(of: "/") else { return nil }
                return String(line[start...])
            })
    }
}
