public import CSequenceModel
import PluginKit

@c @implementation
public func sm_plugin_query(
    _ host: UnsafePointer<sm_host_info>?, _ error: UnsafeMutablePointer<sm_error>?
) -> UnsafePointer<sm_plugin>? {
    export([Hybrid<FreePattern>.self, Hybrid<SambaPattern>.self, Hybrid<JambaPattern>.self], version: "0.1.0", to: host, error)
}
