public import CSequenceModel
import PluginKit

@c @implementation
public func sm_plugin_query(
    _ host: UnsafePointer<sm_host_info>?, _ error: UnsafeMutablePointer<sm_error>?
) -> UnsafePointer<sm_plugin>? {
    export([Hyena.self], version: "0.1.0", to: host, error)
}
