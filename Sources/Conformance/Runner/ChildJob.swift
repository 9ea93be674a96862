import CSequenceModel
import Glibc
import PluginHost
import SequenceModel

/// What a child process of `zoo check` does.
public enum ChildJob {
    /// Tries one test and ends the process.
    public static func run(test name: String, path: String, model: String, seed: UInt64, seconds: Int) -> Never {
        let report = ChildReport()
        ChildLimits.apply(seconds: seconds)
        let context = CheckContext(path: path, modelID: model, seed: seed, watch: CallWatch(page: report.page))
        guard let test = ConformanceSuite.test(named: name) else { Glibc._exit(1) }
        report.finish(test.run(context).json)
    }

    /// Loads the file, says which models it holds, and ends the process: `{"models": […]}` or `{"refusal": "…"}`.
    public static func list(path: String, seconds: Int) -> Never {
        let report = ChildReport()
        ChildLimits.apply(seconds: seconds)
        report.finish(models(path: path, watch: CallWatch(page: report.page)))
    }

    /// The same, in this process.
    static func models(path: String, watch: CallWatch) -> JSONValue {
        do {
            let plugin = try RawPlugin(path, watch: watch)
            // A table that ends before the number of models: there is nothing to ask.
            guard plugin.table.struct_size >= 40 else {
                return .object(["refusal": .string("\(path): its table has \(plugin.table.struct_size) bytes; that is too small for any function")])
            }
            guard plugin.table.model_count > 0, plugin.table.model_count <= 256 else {
                return .object(["refusal": .string("\(path): says that it holds \(plugin.table.model_count) models")])
            }
            let ids = try (0 ..< plugin.modelCount).map { index in
                guard let id = RawModel.text(try plugin.describe(index).id), !id.isEmpty else {
                    throw ZooError(.plugin, "\(path): model \(index) has no id")
                }
                return JSONValue.string(id)
            }
            return .object(["models": .array(ids)])
        } catch let error as ZooError {
            return .object(["refusal": .string(error.message)])
        } catch CheckEnd.failed(let text) {
            return .object(["refusal": .string("\(path): \(text)")])
        } catch {
            return .object(["refusal": .string("\(path): \(error)")])
        }
    }
}
