import Foundation
import Training

extension SafetensorsFile {
    /// The values of an F64 tensor as they are; empty when there is none of this name and type.
    func doubles(_ name: String) throws -> [Double] {
        guard let tensor = self[name], tensor.scalar == .float64 else { return [] }
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        let header = (0 ..< 8).reduce(0) { $0 | Int(file[$1]) << (8 * $1) }
        return file.withUnsafeBytes { bytes in
            (0 ..< tensor.count).map { bytes.loadUnaligned(fromByteOffset: 8 + header + tensor.range.lowerBound + 8 * $0, as: Double.self) }
        }
    }
}
