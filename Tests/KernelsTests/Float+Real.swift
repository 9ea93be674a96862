import Glibc
import Kernels

extension Float: Real {
    static var tolerance: Double { 4e-6 }
    static var gemm:
        (Int32, Int32, Int64, Int64, Int64, Float, In, Int64, In, Int64, Float, Out, Int64) -> Void
    { zk_gemm_f32 }
    static var gemv: (Int64, Int64, In, Int64, In, Float, Out) -> Void { zk_gemv_f32 }
    static var fill: (Int64, Float, Out) -> Void { zk_fill_f32 }
    static var scale: (Int64, Float, In, Out) -> Void { zk_scale_f32 }
    static var addScalar: (Int64, Float, In, Out) -> Void { zk_add_scalar_f32 }
    static var accumulate: (Int64, Float, In, Out) -> Void { zk_accumulate_f32 }
    static var accumulateProduct: Binary { zk_accumulate_product_f32 }
    static var swiglu: (Int64, Int64, In, In, Int64, Out, Int64) -> Void { zk_swiglu_f32 }
    static var swigluBackward:
        (Int64, Int64, In, In, Int64, In, Int64, Out, Out, Int64) -> Void
    { zk_swiglu_backward_f32 }
    static var addRow: (Int64, Int64, In, In, Out) -> Void { zk_add_row_f32 }
    static var multiplyRow: (Int64, Int64, In, In, Out) -> Void { zk_multiply_row_f32 }
    static var accumulateRows: (Int64, Int64, In, Out) -> Void { zk_accumulate_rows_f32 }
    static var sumColumns: (Int64, Int64, In, Out) -> Void { zk_sum_columns_f32 }
    static var maxColumns: (Int64, Int64, In, Out) -> Void { zk_max_columns_f32 }
    static var sum: (Int64, In) -> Double { zk_sum_f32 }
    static var sumOfSquares: (Int64, In) -> Double { zk_sum_of_squares_f32 }
    static var allFinite: (Int64, In) -> Int32 { zk_all_finite_f32 }
    static var softmax: (Int64, Int64, In, Out) -> Void { zk_softmax_f32 }
    static var softmaxBackward: (Int64, Int64, In, In, Out) -> Void { zk_softmax_backward_f32 }
    static var logSumExp: (Int64, Int64, In, Out) -> Void { zk_log_sum_exp_f32 }
    static var crossEntropy: (Int64, Int64, In, UnsafePointer<Int32>, Out) -> Void { zk_cross_entropy_f32 }
    static var crossEntropyGradient:
        (Int64, Int64, Out, UnsafePointer<Int32>, In, Out) -> Void
    { zk_cross_entropy_gradient_f32 }
    static var rmsNorm: (Int64, Int64, In, In?, Float, Out, Out) -> Void { zk_rms_norm_f32 }
    static var rmsNormBackward: (Int64, Int64, In, In?, In, In, Out, Out?) -> Void { zk_rms_norm_backward_f32 }
    static var layerNorm: (Int64, Int64, In, In?, In?, Float, Out, Out, Out) -> Void { zk_layer_norm_f32 }
    static var layerNormBackward:
        (Int64, Int64, In, In?, In, In, In, Out, Out?, Out?) -> Void
    { zk_layer_norm_backward_f32 }
    static var gatherRows: (Int64, Int64, In, Int64, UnsafePointer<Int32>, Out) -> Void { zk_gather_rows_f32 }
    static var scatterRows:
        (Int64, Int64, In, Int64, Int64, UnsafePointer<Int32>, Out, Int64) -> Void
    { zk_scatter_rows_f32 }
    static var rotary:
        (Int64, Int64, Int64, Int64, Int32, Int32, UnsafePointer<Int32>, In, In, In, Int64, Out, Int64) -> Void
    { zk_rotary_f32 }
    static var attentionWorkspace: (Int64, Int64) -> Int64 { zk_attention_workspace_f32 }
    static var attention:
        (Int64, Int64, Int64, Int64, Float, In, Int64, In, Int64, In, Int64, UnsafePointer<zk_visibility>, Out, Int64, Out, Out) -> Void
    { zk_attention_f32 }
    static var attentionBackwardWorkspace: (Int64, Int64, Int64) -> Int64 { zk_attention_backward_workspace_f32 }
    static var attentionBackward:
        (Int64, Int64, Int64, Int64, Float, In, Int64, In, Int64, In, Int64, UnsafePointer<zk_visibility>, In, Int64, In, In, Int64, Out, Int64, Out, Int64, Out, Int64, Out) -> Void
    { zk_attention_backward_f32 }
    static var convolution:
        (Int64, Int64, Int64, Int32, In, Int64, In, In?, In?, Out, Int64) -> Void
    { zk_causal_convolution_f32 }
    static var convolutionBackward:
        (Int64, Int64, Int64, Int32, In, Int64, In, In?, In, Int64, Out, Int64, Out, Out?, Out) -> Void
    { zk_causal_convolution_backward_f32 }
    static var scan:
        (Int64, Int64, Int64, In, Int64, In, Int64, In, In, Int64, In, Int64, In, In?, Int64, Out, Int64, Out, Out?) -> Void
    { zk_selective_scan_f32 }
    static var scanWorkspace: (Int64, Int64) -> Int64 { zk_selective_scan_workspace_f32 }
    static var scanBackward:
        (Int64, Int64, Int64, In, Int64, In, Int64, In, In, Int64, In, Int64, In, In?, Int64, In, In, Int64, Out, Int64, Out, Int64, Out, Out, Int64, Out, Int64, Out, Out?, Int64, Out) -> Void
    { zk_selective_scan_backward_f32 }
    static var adamw:
        (Int64, Out, In, Out, Out, Float, Float, Float, Float, Float, Float, Float, Float) -> Void
    { zk_adamw_f32 }
    static var scanChunk: Int { Int(zk_scan_chunk_f32()) }
    static var binary: [(name: String, kernel: Binary, reference: (Double, Double) -> Double)] {
        [
            ("add", zk_add_f32, { $0 + $1 }), ("subtract", zk_subtract_f32, { $0 - $1 }),
            ("multiply", zk_multiply_f32, { $0 * $1 }), ("divide", zk_divide_f32, { $0 / $1 }),
        ]
    }
    static var unary: [UnaryCase<Float>] {
        [
            UnaryCase(
                name: "exp", kernel: zk_exp_f32, backward: zk_exp_backward_f32,
                reference: exp, derivative: exp, domain: -90 ... 85),
            UnaryCase(
                name: "log", kernel: zk_log_f32, backward: zk_log_backward_f32,
                reference: log, derivative: { 1 / $0 }, domain: 1e-3 ... 50),
            UnaryCase(
                name: "sqrt", kernel: zk_sqrt_f32, backward: zk_sqrt_backward_f32,
                reference: sqrt, derivative: { 0.5 / $0.squareRoot() }, domain: 1e-3 ... 50),
            UnaryCase(
                name: "reciprocal", kernel: zk_reciprocal_f32, backward: zk_reciprocal_backward_f32,
                reference: { 1 / $0 }, derivative: { -1 / ($0 * $0) }, domain: 0.1 ... 50),
            UnaryCase(
                name: "tanh", kernel: zk_tanh_f32, backward: zk_tanh_backward_f32,
                reference: tanh, derivative: { 4 / (exp($0) + exp(-$0)) / (exp($0) + exp(-$0)) }, domain: -20 ... 20),
            UnaryCase(
                name: "sigmoid", kernel: zk_sigmoid_f32, backward: zk_sigmoid_backward_f32,
                reference: sigmoid, derivative: { sigmoid($0) * sigmoid(-$0) }, domain: -80 ... 80),
            UnaryCase(
                name: "silu", kernel: zk_silu_f32, backward: zk_silu_backward_f32,
                reference: { $0 * sigmoid($0) }, derivative: { sigmoid($0) * (1 + $0 * sigmoid(-$0)) }, domain: -50 ... 50),
            UnaryCase(
                name: "gelu_tanh", kernel: zk_gelu_tanh_f32, backward: zk_gelu_tanh_backward_f32,
                reference: geluTanh, derivative: geluTanhSlope, domain: -2 ... 8),
            UnaryCase(
                name: "relu", kernel: zk_relu_f32, backward: zk_relu_backward_f32,
                reference: { $0 > 0 ? $0 : 0 }, derivative: { $0 > 0 ? 1 : 0 }, domain: -3 ... 3),
            UnaryCase(
                name: "softplus", kernel: zk_softplus_f32, backward: zk_softplus_backward_f32,
                reference: { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }, derivative: sigmoid, domain: -80 ... 80),
            UnaryCase(
                name: "sine", kernel: zk_sine_f32, backward: zk_sine_backward_f32,
                reference: sin, derivative: cos, domain: -30 ... 30),
            UnaryCase(
                name: "cosine", kernel: zk_cosine_f32, backward: zk_cosine_backward_f32,
                reference: cos, derivative: { -sin($0) }, domain: -30 ... 30),
        ]
    }
}
