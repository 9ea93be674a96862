public import CSequenceModel
import PluginKit

@c @implementation
public func sm_plugin_query(
    _ host: UnsafePointer<sm_host_info>?, _ error: UnsafeMutablePointer<sm_error>?
) -> UnsafePointer<sm_plugin>? {
    export(
        [
            DeltaNet<GatedVariant>.self, DeltaNet<PlainVariant>.self, TestTimeTrainingModel<LinearVariant>.self,
            TestTimeTrainingModel<MLPVariant>.self, Titans<MAGVariant>.self, Titans<MACVariant>.self,
            Titans<MALVariant>.self, Titans<LMMVariant>.self,
        ], version: "0.1.0", to: host, error)
}
