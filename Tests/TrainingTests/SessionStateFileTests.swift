import Foundation
import PluginHost
import TestSupport
import Testing
import Training

/// A saved state is read by whom it belongs to, whole, or not at all.
struct SessionStateFileTests {
    private let path: String
    private let owner = SessionStateFile.Owner(
        model: "titans-mac", pluginSHA256: "aaaaaaaaaaaaaaaa", configurationSHA256: "cc", parametersSHA256: "dd")
    private let state = [UInt8](0 ..< 200) + [10, 10]

    init() throws {
        path = try TestSupport.TemporaryFolder.make() + "/a.state"
        try SessionStateFile(owner: owner, position: 77, state: state).write(to: path)
    }

    private func message(_ owner: SessionStateFile.Owner) -> String? {
        do {
            _ = try SessionStateFile(path: path, owner: owner)
            return nil
        } catch { return (error as? ZooError)?.message }
    }

    private func rewrite(_ change: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        change(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test func comesBackAsItWas() throws {
        let read = try SessionStateFile(path: path, owner: owner)
        #expect(read.state == state && read.position == 77 && read.owner == owner)
    }

    @Test func foreignOnesAreNamed() {
        var other = owner
        other.model = "ttt-linear"
        #expect(message(other) == "\(path) is the state of titans-mac, not of ttt-linear")
        other = owner
        other.configurationSHA256 = "ee"
        #expect(message(other) == "\(path) is the state of a titans-mac with another configuration")
        other = owner
        other.parametersSHA256 = "ee"
        #expect(message(other) == "\(path) was saved with other weights of titans-mac")
        other = owner
        other.pluginSHA256 = "bbbbbbbbbbbbbbbb"
        #expect(message(other) == "\(path) was saved by another build of the plugin (SHA-256 aaaaaaaaaaaa…, here bbbbbbbbbbbb…)")
    }

    @Test func whatIsNotWholeIsSaid() throws {
        try rewrite { $0.removeLast(5) }
        #expect(message(owner) == "\(path) is cut: its header announces 202 bytes of state, 197 are there")
        try rewrite { $0.append(Data([1, 2, 3, 4, 5, 6])) }
        #expect(message(owner) == "\(path) is too long: its header announces 202 bytes of state, 203 are there")
        try rewrite { $0.removeLast(1) }
        #expect(message(owner) == "\(path) is damaged: its bytes do not have the SHA-256 that its header says")
        try rewrite { $0 = $0.prefix(60) }
        #expect(message(owner) == "\(path) is cut or damaged: its second line is not the header of a saved state")
        try rewrite { $0 = Data("zoo session state 2\n".utf8) }
        #expect(message(owner) == "\(path) has another format than this program's: it begins \"zoo session state 2\"")
        try rewrite { $0 = Data([0x7F, 0x45]) }
        #expect(message(owner) == "\(path) is not a saved state: it does not begin \"zoo session state\"")
        try FileManager.default.removeItem(atPath: path)
        #expect(message(owner) == "saved state \(path) does not exist")
    }
}
