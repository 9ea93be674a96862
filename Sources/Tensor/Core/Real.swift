internal import Kernels

/// The two kinds of number and their kernels: `zk_<name>_f32` and `zk_<name>_f64` under one name, so that an operation
/// is written once. Arguments are those of `kernels.h`, where each kernel is described.
protocol Real: BinaryFloatingPoint {
    typealias In = UnsafePointer<Self>
    typealias Out = UnsafeMutablePointer<Self>
    typealias Index = UnsafePointer<Int32>
    typealias Unary = (Int64, In, Out) -> Void
    typealias Binary = (Int64, In, In, Out) -> Void
    typealias WithScalar = (Int64, Self, In, Out) -> Void
    typealias RowUnary = (Int64, Int64, In, Out) -> Void
    typealias RowBinary = (Int64, Int64, In, In, Out) -> Void

    static var scalarType: ScalarType { get }
    typealias GemmKernel = (Int32, Int32, Int64, Int64, Int64, Self, In, Int64, In, Int64, Self, Out, Int64) -> Void
    typealias GemvKernel = (Int64, Int64, In, Int64, In, Self, Out) -> Void
    typealias SizeKernel = () -> Int64
    typealias SizeOfColumnsKernel = (Int64) -> Int64
    typealias SizeOfProductKernel = (Int64, Int64) -> Int64
    typealias PackKernel = (Int32, Int64, Int64, In, Int64, Int64, Int64, Out) -> Void
    typealias PackedProductKernel = (
        Int32, Int64, Int64, Int64, In, Int64, In, Int32, Out, Int64, Out?
    ) -> Void
    typealias FillKernel = (Int64, Self, Out) -> Void
    typealias SumOfValuesKernel = (Int64, In) -> Double
    typealias SwigluKernel = (Int64, Int64, In, In, Int64, Out, Int64) -> Void
    typealias SwigluBackwardKernel = (Int64, Int64, In, In, Int64, In, Int64, Out, Out, Int64) -> Void
    typealias RmsNormKernel = (Int64, Int64, In, In?, Self, Out, Out) -> Void
    typealias RmsNormBackwardKernel = (Int64, Int64, In, In?, In, In, Out, Out?) -> Void
    typealias LayerNormKernel = (Int64, Int64, In, In?, In?, Self, Out, Out, Out) -> Void
    typealias LayerNormBackwardKernel = (Int64, Int64, In, In?, In, In, In, Out, Out?, Out?) -> Void
    typealias GatherRowsKernel = (Int64, Int64, In, Int64, Index, Out) -> Void
    typealias ScatterRowsKernel = (Int64, Int64, In, Int64, Int64, Index, Out, Int64) -> Void
    typealias CrossEntropyKernel = (Int64, Int64, In, Index, Out) -> Void
    typealias CrossEntropyGradientKernel = (Int64, Int64, Out, Index, In, Out) -> Void
    typealias RotaryKernel = (Int64, Int64, Int64, Int64, Int32, Int32, Index, In, In, In, Int64, Out, Int64) -> Void
    typealias AttentionWorkspaceKernel = (Int64, Int64) -> Int64
    typealias AttentionKernel = (
        Int64, Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, UnsafePointer<zk_visibility>, Out, Int64,
        Out, Out
    ) -> Void
    typealias AttentionBackwardWorkspaceKernel = (Int64, Int64, Int64) -> Int64
    typealias AttentionBackwardKernel = (
        Int64, Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, UnsafePointer<zk_visibility>, In, Int64, In,
        In,
        Int64, Out, Int64, Out, Int64, Out, Int64, Out
    ) -> Void
    typealias RangeAttentionKernel = (
        Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, Index, Out, Int64, Out, Int64
    ) -> Void
    typealias RangeAttentionBackwardKernel = (
        Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, Index, In, Int64, In, Int64, In, Int64, Out, Int64, Out,
        Int64, Out, Int64
    ) -> Void
    typealias CausalConvolutionKernel = (
        Int64, Int64, Int64, Int32, In, Int64, In, In?, In?, Out, Int64
    ) -> Void
    typealias CausalConvolutionBackwardKernel = (
        Int64, Int64, Int64, Int32, In, Int64, In, In?, In, Int64, Out, Int64, Out, Out?, Out
    ) -> Void
    typealias ScanChunkKernel = () -> Int64
    typealias SelectiveScanKernel = (
        Int64, Int64, Int64, In, Int64, In, Int64, In, In, Int64, In, Int64, In, In?, Int64, Out, Int64, Out, Out?
    ) -> Void
    typealias SelectiveScanWorkspaceKernel = (Int64, Int64) -> Int64
    typealias SelectiveScanBackwardKernel = (
        Int64, Int64, Int64, In, Int64, In, Int64, In, In, Int64, In, Int64, In, In?, Int64, In, In, Int64, Out, Int64,
        Out,
        Int64, Out, Out, Int64, Out, Int64, Out, Out?, Int64, Out
    ) -> Void
    typealias DeltaRuleKernel = (
        Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, In, In?, Int64, Out, Int64, Out, Out?, Out
    ) -> Void
    typealias DeltaRuleBackwardKernel = (
        Int64, Int64, Int64, Self, In, Int64, In, Int64, In, Int64, In, In?, Int64, In, In, Int64, Out, Int64, Out, Int64,
        Out, Int64, Out, Out?, Int64, Out
    ) -> Void
    typealias RowProductKernel = (Int64, Int64, In, In, Int64, Out) -> Void
    typealias SigmoidGateBackwardKernel = (Int64, In, In, In, Out, Out) -> Void
    typealias ValueResidualKernel = (Int64, In, In, In, Out) -> Void
    typealias ValueResidualBackwardKernel = (Int64, In, In, In, In, Out, Out, Out) -> Void
    typealias ReplacementKeyKernel = (Int64, Int64, In, In, In, Out) -> Void
    typealias ReplacementKeyBackwardKernel = (Int64, Int64, In, In, In, In, Out, Out, Out) -> Void
    typealias Wkv7ReadoutKernel = (Int64, Int64, Int64, Self, In, In, In, In, In, In, In, In, Out) -> Void
    typealias Wkv7ReadoutBackwardKernel = (
        Int64, Int64, Int64, Self, In, In, In, In, In, In, In, In, In, Out, Out, Out, Out, Out, Out, Out, Out
    ) -> Void
    typealias TokenShiftKernel = (Int64, Int64, Int32, In, In?, In, Out) -> Void
    typealias TokenShiftBackwardKernel = (Int64, Int64, Int32, In, In?, In, In, In?, Int32, Out, Out) -> Void
    typealias Wkv4Kernel = (
        Int64, Int64, In, In, In, Int64, In, Int64, Out, Int64, Out, Out, Out, Out?
    ) -> Void
    typealias Wkv4BackwardKernel = (
        Int64, Int64, In, In, In, Int64, In, Int64, In, In, Int64, Out, Out, Out, Int64, Out, Int64
    ) -> Void
    typealias Wkv7Kernel = (
        Int64, Int64, In, In, In, In, In, In, Int64, Out, Int64, Out, Out?, Out?, Out
    ) -> Void
    typealias Wkv7BackwardKernel = (
        Int64, Int64, In, In, In, In, In, In, Int64, In, In, In, Out, Out, Out, Out, Out, Out, Out
    ) -> Void
    typealias FastWeights = UnsafePointer<zk_fast_weights>
    typealias SizeOfFastWeightsKernel = (FastWeights) -> Int64
    typealias FastWeightsKernel = (
        FastWeights, Int64, Int64, In, In, In, Int64, In, In?, In?, Int64, In?, In?, In?, Out, Out?, Out, Out, Int32, Out?,
        Out?, Out
    ) -> Void
    typealias FastWeightsBackwardKernel = (
        FastWeights, Int64, In, In, In, Int64, In, In?, In?, Int64, In?, In?, In?, In, Int32, In, In?, In?, Out, Out, Out,
        Out, Out?, Out?, Out?, Out?, Out?, Out, Out?, Out
    ) -> Void

    static var gemm: GemmKernel { get }
    static var gemv: GemvKernel { get }
    static var packedProductRows: SizeKernel { get }
    static var packedProductPanels: SizeOfColumnsKernel { get }
    static var packedProductSize: SizeOfProductKernel { get }
    static var packedProductWorkspace: SizeOfProductKernel { get }
    static var packedProductPack: PackKernel { get }
    static var packedProduct: PackedProductKernel { get }
    static var fill: FillKernel { get }
    static var addValues: Binary { get }
    static var subtractValues: Binary { get }
    static var multiplyValues: Binary { get }
    static var divideValues: Binary { get }
    static var scale: WithScalar { get }
    static var addScalar: WithScalar { get }
    static var accumulate: WithScalar { get }
    static var accumulateProduct: Binary { get }
    static var expValues: Unary { get }
    static var expBackward: Binary { get }
    static var logValues: Unary { get }
    static var logBackward: Binary { get }
    static var sqrtValues: Unary { get }
    static var sqrtBackward: Binary { get }
    static var reciprocalValues: Unary { get }
    static var reciprocalBackward: Binary { get }
    static var tanhValues: Unary { get }
    static var tanhBackward: Binary { get }
    static var sigmoidValues: Unary { get }
    static var sigmoidBackward: Binary { get }
    static var siluValues: Unary { get }
    static var siluBackward: Binary { get }
    static var geluTanhValues: Unary { get }
    static var geluTanhBackward: Binary { get }
    static var geluValues: Unary { get }
    static var geluBackward: Binary { get }
    static var reluValues: Unary { get }
    static var reluBackward: Binary { get }
    static var softplusValues: Unary { get }
    static var softplusBackward: Binary { get }
    static var sineValues: Unary { get }
    static var sineBackward: Binary { get }
    static var cosineValues: Unary { get }
    static var cosineBackward: Binary { get }
    static var addRow: RowBinary { get }
    static var multiplyRow: RowBinary { get }
    static var accumulateRows: RowUnary { get }
    static var sumColumns: RowUnary { get }
    static var maxColumns: RowUnary { get }
    static var sumOfValues: SumOfValuesKernel { get }
    static var softmax: RowUnary { get }
    static var softmaxBackward: RowBinary { get }
    static var logSumExp: RowUnary { get }
    static var swiglu: SwigluKernel { get }
    static var swigluBackward: SwigluBackwardKernel { get }
    static var rmsNorm: RmsNormKernel { get }
    static var rmsNormBackward: RmsNormBackwardKernel { get }
    static var layerNorm: LayerNormKernel { get }
    static var layerNormBackward: LayerNormBackwardKernel { get }
    static var gatherRows: GatherRowsKernel { get }
    static var scatterRows: ScatterRowsKernel { get }
    static var crossEntropy: CrossEntropyKernel { get }
    static var crossEntropyGradient: CrossEntropyGradientKernel { get }
    static var rotary: RotaryKernel { get }
    static var attentionWorkspace: AttentionWorkspaceKernel { get }
    static var attention: AttentionKernel { get }
    static var attentionBackwardWorkspace: AttentionBackwardWorkspaceKernel { get }
    static var attentionBackward: AttentionBackwardKernel { get }
    static var rangeAttention: RangeAttentionKernel { get }
    static var rangeAttentionBackward: RangeAttentionBackwardKernel { get }
    static var causalConvolution: CausalConvolutionKernel { get }
    static var causalConvolutionBackward: CausalConvolutionBackwardKernel { get }
    static var scanChunk: ScanChunkKernel { get }
    static var selectiveScan: SelectiveScanKernel { get }
    static var selectiveScanWorkspace: SelectiveScanWorkspaceKernel { get }
    static var selectiveScanBackward: SelectiveScanBackwardKernel { get }
    static var deltaRuleChunk: SizeKernel { get }
    static var deltaRuleWorkspace: SizeOfProductKernel { get }
    static var deltaRule: DeltaRuleKernel { get }
    static var deltaRuleBackwardWorkspace: SizeOfProductKernel { get }
    static var deltaRuleBackward: DeltaRuleBackwardKernel { get }
    static var rowProduct: RowProductKernel { get }
    static var tokenShift: TokenShiftKernel { get }
    static var tokenShiftBackward: TokenShiftBackwardKernel { get }
    static var wkv4Chunk: SizeKernel { get }
    static var wkv4: Wkv4Kernel { get }
    static var wkv4Backward: Wkv4BackwardKernel { get }
    static var wkv7Chunk: SizeKernel { get }
    static var wkv7Workspace: SizeOfColumnsKernel { get }
    static var wkv7: Wkv7Kernel { get }
    static var wkv7BackwardWorkspace: SizeOfColumnsKernel { get }
    static var wkv7Backward: Wkv7BackwardKernel { get }
    static var squaredReluValues: Unary { get }
    static var squaredReluBackward: Binary { get }
    static var softDecayValues: Unary { get }
    static var softDecayBackward: Binary { get }
    static var sigmoidGate: Binary { get }
    static var sigmoidGateBackward: SigmoidGateBackwardKernel { get }
    static var valueResidual: ValueResidualKernel { get }
    static var valueResidualBackward: ValueResidualBackwardKernel { get }
    static var replacementKey: ReplacementKeyKernel { get }
    static var replacementKeyBackward: ReplacementKeyBackwardKernel { get }
    static var wkv7Readout: Wkv7ReadoutKernel { get }
    static var wkv7ReadoutBackward: Wkv7ReadoutBackwardKernel { get }
    static var fastWeightsWorkspace: SizeOfFastWeightsKernel { get }
    static var fastWeights: FastWeightsKernel { get }
    static var fastWeightsBackwardWorkspace: SizeOfFastWeightsKernel { get }
    static var fastWeightsBackward: FastWeightsBackwardKernel { get }
}
