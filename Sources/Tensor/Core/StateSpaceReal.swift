internal import Kernels

/// The kernels of `kernels_state_space.h` under one name for both kinds of number: see `Real`.
protocol StateSpaceReal: Real {
    typealias SizeOfStatesKernel = (Int64, Int64) -> Int64
    typealias RootsKernel = (Int64, Out) -> Void
    typealias LongConvolutionKernel = (
        Int64, Int64, Int64, Int32, In, Int64, In, Int64, Out, Int64, In, Out
    ) -> Void
    typealias FilterGradientKernel = (Int64, Int64, Int64, In, Int64, In, Int64, Out, Int64, In, Out) -> Void
    typealias HistoryConvolutionKernel = (Int64, Int64, Int64, In, Int64, In, Int64, Out, Int64) -> Void
    typealias ExponentialSumsKernel = (Int64, Int64, Int64, In, In, In, In, Out, Int64, Out) -> Void
    typealias ExponentialSumsBackwardKernel = (
        Int64, Int64, Int64, In, In, In, In, In, Int64, Out, Out, Out, Out, Out
    ) -> Void
    typealias ExponentialRecurrenceKernel = (
        Int64, Int64, Int64, In, Int64, In, In, In, In, Out, Int64, Out
    ) -> Void
    typealias DualityKernel = (
        Int64, Int64, Int64, Int64, In, Int64, In, In, Int64, In, Int64, In, Int64, In, Out, Int64, Out, Int32, Out
    ) -> Void
    typealias DualityRecurrenceKernel = (
        Int64, Int64, Int64, Int64, In, Int64, In, In, Int64, In, Int64, In, Int64, In, Out, Int64, Out
    ) -> Void
    typealias DualityWorkspaceKernel = (Int64, Int64, Int64) -> Int64
    typealias DualityBackwardKernel = (
        Int64, Int64, Int64, Int64, In, Int64, In, In, Int64, In, Int64, In, Int64, In, In, Int64, Out, Int64, Out, Out,
        Out, Int64, Out, Int64, Out, Out
    ) -> Void

    static var selectiveScanSigned: SelectiveScanKernel { get }
    static var selectiveScanSignedBackward: SelectiveScanBackwardKernel { get }
    static var longConvolutionChannels: SizeKernel { get }
    static var longConvolutionRoots: SizeOfColumnsKernel { get }
    static var longConvolutionWorkspace: SizeOfColumnsKernel { get }
    static var rootsOfUnity: RootsKernel { get }
    static var longConvolution: LongConvolutionKernel { get }
    static var longConvolutionFilterGradient: FilterGradientKernel { get }
    static var historyConvolution: HistoryConvolutionKernel { get }
    static var exponentialSumsWorkspace: SizeOfStatesKernel { get }
    static var exponentialSums: ExponentialSumsKernel { get }
    static var exponentialSumsBackward: ExponentialSumsBackwardKernel { get }
    static var exponentialRecurrence: ExponentialRecurrenceKernel { get }
    static var dualityWorkspace: SizeOfStatesKernel { get }
    static var duality: DualityKernel { get }
    static var dualityRecurrence: DualityRecurrenceKernel { get }
    static var dualityBackwardWorkspace: DualityWorkspaceKernel { get }
    static var dualityBackward: DualityBackwardKernel { get }
}

extension Float: StateSpaceReal {
    static var selectiveScanSigned: SelectiveScanKernel { zk_selective_scan_signed_f32 }
    static var selectiveScanSignedBackward: SelectiveScanBackwardKernel { zk_selective_scan_signed_backward_f32 }
    static var longConvolutionChannels: SizeKernel { zk_long_convolution_channels_f32 }
    static var longConvolutionRoots: SizeOfColumnsKernel { zk_long_convolution_roots_f32 }
    static var longConvolutionWorkspace: SizeOfColumnsKernel { zk_long_convolution_workspace_f32 }
    static var rootsOfUnity: RootsKernel { zk_roots_of_unity_f32 }
    static var longConvolution: LongConvolutionKernel { zk_long_convolution_f32 }
    static var longConvolutionFilterGradient: FilterGradientKernel { zk_long_convolution_filter_gradient_f32 }
    static var historyConvolution: HistoryConvolutionKernel { zk_history_convolution_f32 }
    static var exponentialSumsWorkspace: SizeOfStatesKernel { zk_exponential_sums_workspace_f32 }
    static var exponentialSums: ExponentialSumsKernel { zk_exponential_sums_f32 }
    static var exponentialSumsBackward: ExponentialSumsBackwardKernel { zk_exponential_sums_backward_f32 }
    static var exponentialRecurrence: ExponentialRecurrenceKernel { zk_exponential_recurrence_f32 }
    static var dualityWorkspace: SizeOfStatesKernel { zk_ssd_workspace_f32 }
    static var duality: DualityKernel { zk_ssd_f32 }
    static var dualityRecurrence: DualityRecurrenceKernel { zk_ssd_recurrence_f32 }
    static var dualityBackwardWorkspace: DualityWorkspaceKernel { zk_ssd_backward_workspace_f32 }
    static var dualityBackward: DualityBackwardKernel { zk_ssd_backward_f32 }
}

extension Double: StateSpaceReal {
    static var selectiveScanSigned: SelectiveScanKernel { zk_selective_scan_signed_f64 }
    static var selectiveScanSignedBackward: SelectiveScanBackwardKernel { zk_selective_scan_signed_backward_f64 }
    static var longConvolutionChannels: SizeKernel { zk_long_convolution_channels_f64 }
    static var longConvolutionRoots: SizeOfColumnsKernel { zk_long_convolution_roots_f64 }
    static var longConvolutionWorkspace: SizeOfColumnsKernel { zk_long_convolution_workspace_f64 }
    static var rootsOfUnity: RootsKernel { zk_roots_of_unity_f64 }
    static var longConvolution: LongConvolutionKernel { zk_long_convolution_f64 }
    static var longConvolutionFilterGradient: FilterGradientKernel { zk_long_convolution_filter_gradient_f64 }
    static var historyConvolution: HistoryConvolutionKernel { zk_history_convolution_f64 }
    static var exponentialSumsWorkspace: SizeOfStatesKernel { zk_exponential_sums_workspace_f64 }
    static var exponentialSums: ExponentialSumsKernel { zk_exponential_sums_f64 }
    static var exponentialSumsBackward: ExponentialSumsBackwardKernel { zk_exponential_sums_backward_f64 }
    static var exponentialRecurrence: ExponentialRecurrenceKernel { zk_exponential_recurrence_f64 }
    static var dualityWorkspace: SizeOfStatesKernel { zk_ssd_workspace_f64 }
    static var duality: DualityKernel { zk_ssd_f64 }
    static var dualityRecurrence: DualityRecurrenceKernel { zk_ssd_recurrence_f64 }
    static var dualityBackwardWorkspace: DualityWorkspaceKernel { zk_ssd_backward_workspace_f64 }
    static var dualityBackward: DualityBackwardKernel { zk_ssd_backward_f64 }
}
