import Crypto
import PluginHost
import SequenceModel

/// What a session has read, in a file: it goes on in another process, with the same weights.
///
///     zoo session state 1
///     {"model": …, "plugin_sha256": …, "configuration_sha256": …, "parameters_sha256": …, "position": …, "bytes": …, "sha256": …}
///     the bytes of `SequenceSession.save`
///
/// Two lines of text and then the plugin's own format, which it checks itself. What belongs to another model, plugin, configuration or to
/// other weights is refused before the plugin sees it, and so is what is cut or damaged.
public struct SessionStateFile: Sendable, Equatable {
    /// Whose state it is.
    public struct Owner: Sendable, Equatable {
        /// Model id.
        public var model: String
        /// Of the plugin's file.
        public var pluginSHA256: String
        /// Of the full configuration as JSON.
        public var configurationSHA256: String
        /// Of the parameters' values.
        public var parametersSHA256: String

        /// Takes the values as they are; hexadecimal digits.
        public init(model: String, pluginSHA256: String, configurationSHA256: String, parametersSHA256: String) {
            self.model = model
            self.pluginSHA256 = pluginSHA256
            self.configurationSHA256 = configurationSHA256
            self.parametersSHA256 = parametersSHA256
        }

        /// The model of a checkpoint.
        ///
        /// - Throws: `ZooError(.plugin)` when the plugin's file can no longer be read.
        /// - Complexity: O(bytes of the parameters and of the plugin)
        public init(_ loaded: LoadedModel) throws {
            model = loaded.model.description.id
            pluginSHA256 = try loaded.entry.plugin.sha256()
            configurationSHA256 = hexadecimal(SHA256.hash(data: Array(loaded.configuration.description.utf8)))
            var hash = SHA256()
            for index in loaded.memory.ownIndices {
                let view = loaded.memory.views[index]
                hash.update(bufferPointer: UnsafeRawBufferPointer(start: view.data, count: view.byteCount))
            }
            parametersSHA256 = hexadecimal(hash.finalize())
        }
    }

    /// First line of the file.
    static let magic = "zoo session state 1\n"
    private static let maximumHeaderBytes = 1 << 16

    /// Whose state it is.
    public var owner: Owner
    /// Symbols that the session has read.
    public var position: Int
    /// What `SequenceSession.save` returned.
    public var state: [UInt8]

    /// Takes the values as they are.
    public init(owner: Owner, position: Int, state: [UInt8]) {
        self.owner = owner
        self.position = position
        self.state = state
    }

    /// Writes the file whole or not at all, over one that is there.
    ///
    /// - Throws: `ZooError` with the path and the system's reason.
    public func write(to path: String) throws {
        let header: JSONObject = [
            "model": .string(owner.model), "plugin_sha256": .string(owner.pluginSHA256),
            "configuration_sha256": .string(owner.configurationSHA256),
            "parameters_sha256": .string(owner.parametersSHA256), "position": .integer(Int64(position)),
            "bytes": .integer(Int64(state.count)), "sha256": .string(hexadecimal(SHA256.hash(data: state))),
        ]
        do {
            try AtomicFile.write(path) { file in
                try file.write(Array((SessionStateFile.magic + JSONValue.object(header).description + "\n").utf8))
                try file.write(state)
            }
        } catch let fault as FileFault {
            throw fault.zooError()
        }
    }

    /// Reads a file that `owner` has written.
    ///
    /// - Throws: `ZooError` `.data`: missing, no saved state, of another format, cut, damaged, or of somebody else, with what differs.
    public init(path: String, owner: Owner) throws {
        let reader = try FileReader(path, kind: "saved state")
        let magic = Array(SessionStateFile.magic.utf8)
        let head = try reader.bytes(at: 0, count: min(reader.size, magic.count + SessionStateFile.maximumHeaderBytes))
        guard head.starts(with: magic) else {
            let isOther = String(decoding: head.prefix(18), as: UTF8.self) == "zoo session state "
            throw ZooError(
                .data,
                isOther
                    ? "\(path) has another format than this program's: it begins \"\(String(decoding: head.prefix { $0 != 10 }.prefix(40), as: UTF8.self))\""
                    : "\(path) is not a saved state: it does not begin \"zoo session state\"",
                hint: "zoo score CHECKPOINT --data TEXT --save-state FILE writes one")
        }
        guard let end = head[magic.count...].firstIndex(of: 10), let header = try? JSONParser.parse(Array(head[magic.count ..< end])),
            let position = header["position"]?.integerValue, position >= 0, let count = header["bytes"]?.integerValue,
            let digest = header["sha256"]?.stringValue
        else { throw ZooError(.data, "\(path) is cut or damaged: its second line is not the header of a saved state") }
        func text(_ key: String) -> String { header[key]?.stringValue ?? "" }
        let found = Owner(
            model: text("model"), pluginSHA256: text("plugin_sha256"), configurationSHA256: text("configuration_sha256"),
            parametersSHA256: text("parameters_sha256"))
        try SessionStateFile.check(found, is: owner, path)
        let rest = reader.size - (end + 1)
        guard rest == count else {
            throw ZooError(
                .data, "\(path) is \(rest < count ? "cut" : "too long"): its header announces \(count) bytes of state, \(rest) are there")
        }
        state = try reader.bytes(at: end + 1, count: count)
        guard hexadecimal(SHA256.hash(data: state)) == digest else {
            throw ZooError(.data, "\(path) is damaged: its bytes do not have the SHA-256 that its header says")
        }
        self.owner = found
        self.position = position
    }

    private static func check(_ found: Owner, is wanted: Owner, _ path: String) throws {
        let difference: String? =
            if found.model != wanted.model {
                "is the state of \(found.model), not of \(wanted.model)"
            } else if found.configurationSHA256 != wanted.configurationSHA256 {
                "is the state of a \(wanted.model) with another configuration"
            } else if found.parametersSHA256 != wanted.parametersSHA256 {
                "was saved with other weights of \(wanted.model)"
            } else if found.pluginSHA256 != wanted.pluginSHA256 {
                "was saved by another build of the plugin (SHA-256 \(found.pluginSHA256.prefix(12))…, here \(wanted.pluginSHA256.prefix(12))…)"
            } else {
                nil
            }
        if let difference {
            throw ZooError(
                .data, "\(path) \(difference)", hint: "read the text again: zoo score CHECKPOINT --data TEXT --save-state \(path)")
        }
    }
}
