// Included twice by kernels.h, with REAL and NAME set; never include it directly.

// ---- Matrix product ----------------------------------------------------------------------

/// C[m, n] = beta * C + alpha * op(A)[m, k] op(B)[k, n]; op transposes where the flag is not 0.
/// One single-threaded BLAS call; up to four rows against a transposed B (decoding) go through a loop that reads B once.
/// lda, ldb, ldc are row strides of the matrices as stored. With beta = 0 what C held does not matter.
void NAME(gemm)(int32_t transpose_a, int32_t transpose_b, int64_t m, int64_t n, int64_t k, REAL alpha,
                const REAL *_Nonnull a, int64_t lda, const REAL *_Nonnull b, int64_t ldb, REAL beta,
                REAL *_Nonnull c, int64_t ldc);

/// y[m] = beta * y + op(A) x for one vector (decoding): memory-bound, its own vector loop.
/// `a` is [m, k] with row stride lda.
void NAME(gemv)(int64_t m, int64_t k, const REAL *_Nonnull a, int64_t lda, const REAL *_Nonnull x, REAL beta,
                REAL *_Nonnull y);

// ---- Matrix product in two steps ---------------------------------------------------------

/// Rows of one tile of the products below; 0: this processor has none of them, use `gemm`. Pieces of whole tiles are best.
///
/// First B, [inner, columns] or its transpose, is packed into panels: `pack` does panels `first` up to `last` of
/// `panels(columns)` into `packed`, `size(columns, inner)` elements on a 64-byte boundary. Then C[rows, columns] = op(A) B,
/// or += with `adding`, for any rows at a time, from the whole of `packed`. All extents are 1 or more.
/// `workspace` elements are needed for a transposed A only.
/// An element of C has the same bits whatever rows are computed along with it.
int64_t NAME(packed_product_rows)(void);
int64_t NAME(packed_product_panels)(int64_t columns);
int64_t NAME(packed_product_size)(int64_t columns, int64_t inner);
int64_t NAME(packed_product_workspace)(int64_t rows, int64_t inner);
void NAME(packed_product_pack)(int32_t transpose_b, int64_t columns, int64_t inner, const REAL *_Nonnull b,
                               int64_t b_stride, int64_t first, int64_t last, REAL *_Nonnull packed);
void NAME(packed_product)(int32_t transpose_a, int64_t rows, int64_t columns, int64_t inner, const REAL *_Nonnull a,
                          int64_t a_stride, const REAL *_Nonnull packed, int32_t adding, REAL *_Nonnull c,
                          int64_t c_stride, REAL *_Nullable workspace);

// ---- Elementwise: y may be x (in place) ----------------------------------------------------

void NAME(fill)(int64_t n, REAL value, REAL *_Nonnull y);
void NAME(add)(int64_t n, const REAL *_Nonnull a, const REAL *_Nonnull b, REAL *_Nonnull y);
void NAME(subtract)(int64_t n, const REAL *_Nonnull a, const REAL *_Nonnull b, REAL *_Nonnull y);
void NAME(multiply)(int64_t n, const REAL *_Nonnull a, const REAL *_Nonnull b, REAL *_Nonnull y);
void NAME(divide)(int64_t n, const REAL *_Nonnull a, const REAL *_Nonnull b, REAL *_Nonnull y);
void NAME(scale)(int64_t n, REAL factor, const REAL *_Nonnull x, REAL *_Nonnull y);
void NAME(add_scalar)(int64_t n, REAL value, const REAL *_Nonnull x, REAL *_Nonnull y);
/// y += factor * x
void NAME(accumulate)(int64_t n, REAL factor, const REAL *_Nonnull x, REAL *_Nonnull y);
/// y += a * b
void NAME(accumulate_product)(int64_t n, const REAL *_Nonnull a, const REAL *_Nonnull b, REAL *_Nonnull y);

/// A one-argument function, its value and its derivative times an incoming gradient:
/// NAME_backward writes dx = f'(x) * dy (dx may be dy).
#define DECLARE_UNARY(f)                                                                         \
    void NAME(f)(int64_t n, const REAL *_Nonnull x, REAL *_Nonnull y);                           \
    void NAME(f##_backward)(int64_t n, const REAL *_Nonnull x, const REAL *_Nonnull dy, REAL *_Nonnull dx);
DECLARE_UNARY(exp)
DECLARE_UNARY(log)
DECLARE_UNARY(sqrt)
DECLARE_UNARY(reciprocal)
DECLARE_UNARY(tanh)
DECLARE_UNARY(sigmoid)
DECLARE_UNARY(silu)
DECLARE_UNARY(gelu_tanh)
DECLARE_UNARY(relu)
DECLARE_UNARY(softplus)
DECLARE_UNARY(squared_relu)
DECLARE_UNARY(soft_decay)
DECLARE_UNARY(sine)
DECLARE_UNARY(cosine)
#undef DECLARE_UNARY

/// y = silu(gate) * up, the SwiGLU product (Shazeer 2020, arXiv:2002.05202), row by row:
/// `gate` and `up` have row stride `x_stride` (so they may be halves of one fused projection), y has `y_stride`.
void NAME(swiglu)(int64_t rows, int64_t width, const REAL *_Nonnull gate, const REAL *_Nonnull up, int64_t x_stride,
                  REAL *_Nonnull y, int64_t y_stride);
/// dgate, dup (row stride x_stride) from dy.
void NAME(swiglu_backward)(int64_t rows, int64_t width, const REAL *_Nonnull gate, const REAL *_Nonnull up,
                           int64_t x_stride, const REAL *_Nonnull dy, int64_t y_stride, REAL *_Nonnull dgate,
                           REAL *_Nonnull dup, int64_t dx_stride);

// ---- Rows: broadcasting, reductions, normalisation ---------------------------------------

/// y[r, c] = a[r, c] op b[c]: bias and per-channel scale.
void NAME(add_row)(int64_t rows, int64_t width, const REAL *_Nonnull a, const REAL *_Nonnull b, REAL *_Nonnull y);
void NAME(multiply_row)(int64_t rows, int64_t width, const REAL *_Nonnull a, const REAL *_Nonnull b, REAL *_Nonnull y);
/// y[c] += sum over rows of x[r, c], in row order.
void NAME(accumulate_rows)(int64_t rows, int64_t width, const REAL *_Nonnull x, REAL *_Nonnull y);
/// y[r] = sum over c of x[r, c] / the largest x[r, c] (not-a-numbers are passed over).
void NAME(sum_columns)(int64_t rows, int64_t width, const REAL *_Nonnull x, REAL *_Nonnull y);
void NAME(max_columns)(int64_t rows, int64_t width, const REAL *_Nonnull x, REAL *_Nonnull y);
/// Sum of x, and of x squared, accumulated in double in a fixed order.
double NAME(sum)(int64_t n, const REAL *_Nonnull x);
double NAME(sum_of_squares)(int64_t n, const REAL *_Nonnull x);
/// 1 when every value is finite, else 0.
int32_t NAME(all_finite)(int64_t n, const REAL *_Nonnull x);

/// y = softmax(x) per row, maximum subtracted; y may be x. Backward: dx = y * (dy - sum(y * dy)).
void NAME(softmax)(int64_t rows, int64_t width, const REAL *_Nonnull x, REAL *_Nonnull y);
void NAME(softmax_backward)(int64_t rows, int64_t width, const REAL *_Nonnull y, const REAL *_Nonnull dy, REAL *_Nonnull dx);
/// log_sum_exp[r] of each row.
void NAME(log_sum_exp)(int64_t rows, int64_t width, const REAL *_Nonnull x, REAL *_Nonnull y);

/// y = weight * x / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich 2019, arXiv:1910.07467).
/// inverse_rms[r] is saved for the way back. weight may be null (all ones).
void NAME(rms_norm)(int64_t rows, int64_t width, const REAL *_Nonnull x, const REAL *_Nullable weight, REAL epsilon,
                    REAL *_Nonnull y, REAL *_Nonnull inverse_rms);
/// dx is written; dweight[width] is accumulated (+=) unless null.
void NAME(rms_norm_backward)(int64_t rows, int64_t width, const REAL *_Nonnull x, const REAL *_Nullable weight,
                             const REAL *_Nonnull inverse_rms, const REAL *_Nonnull dy, REAL *_Nonnull dx,
                             REAL *_Nullable dweight);
/// y = weight * (x - mean) / sqrt(variance + epsilon) + bias; weight and bias may be null.
void NAME(layer_norm)(int64_t rows, int64_t width, const REAL *_Nonnull x, const REAL *_Nullable weight,
                      const REAL *_Nullable bias, REAL epsilon, REAL *_Nonnull y, REAL *_Nonnull mean,
                      REAL *_Nonnull inverse_deviation);
void NAME(layer_norm_backward)(int64_t rows, int64_t width, const REAL *_Nonnull x, const REAL *_Nullable weight,
                               const REAL *_Nonnull mean, const REAL *_Nonnull inverse_deviation,
                               const REAL *_Nonnull dy, REAL *_Nonnull dx, REAL *_Nullable dweight, REAL *_Nullable dbias);

// ---- Indexing ------------------------------------------------------------------------------

/// y[r] = table[index[r]] (rows of `width`); an index outside 0 ..< table_rows gives a row of zeros.
void NAME(gather_rows)(int64_t rows, int64_t width, const REAL *_Nonnull table, int64_t table_rows,
                       const int32_t *_Nonnull index, REAL *_Nonnull y);
/// dtable[index[r]] += dy[r], in row order; indices outside are skipped. The caller may cut by columns:
/// `width` columns of both, with row strides.
void NAME(scatter_rows)(int64_t rows, int64_t width, const REAL *_Nonnull dy, int64_t dy_stride, int64_t table_rows,
                        const int32_t *_Nonnull index, REAL *_Nonnull dtable, int64_t table_stride);

// ---- Cross-entropy at chosen positions ------------------------------------------------------

/// For each row of logits [rows, V]: loss[r] = log-sum-exp - logit[target] in nats (0 when target < 0).
void NAME(cross_entropy)(int64_t rows, int64_t vocabulary, const REAL *_Nonnull logits, const int32_t *_Nonnull target,
                         REAL *_Nonnull loss);
/// The same, and in place: logits become (softmax - one-hot) * weight[r]; rows with target < 0 become 0.
void NAME(cross_entropy_gradient)(int64_t rows, int64_t vocabulary, REAL *_Nonnull logits,
                                  const int32_t *_Nonnull target, const REAL *_Nonnull weight, REAL *_Nonnull loss);

// ---- Rotary position embedding ---------------------------------------------------------------

/// Rotates x [rows, H, K] in place of y (y may be x): row r has position `position[r]`; the first
/// 2 * pairs channels of each head turn by cosine/sine [positions, pairs]. `interleaved` 0: pairs (j, j + pairs)
/// (Llama files), 1: pairs (2j, 2j + 1). `direction` +1 forward, -1 backward (the transpose).
/// Source: RoFormer, arXiv:2104.09864.
void NAME(rotary)(int64_t rows, int64_t heads, int64_t head_width, int64_t pairs, int32_t interleaved, int32_t direction,
                  const int32_t *_Nonnull position, const REAL *_Nonnull cosine, const REAL *_Nonnull sine,
                  const REAL *_Nonnull x, int64_t x_stride, REAL *_Nonnull y, int64_t y_stride);

// ---- Attention with online softmax --------------------------------------------------------------

/// What a query row may see: keys in [begin[0], end[0]) and in [begin[1], end[1]). Causal, sliding-window,
/// bidirectional, prefix and block-diffusion masks are all of this form; both ranges may be empty (output 0).
#ifndef KERNELS_VISIBILITY
#define KERNELS_VISIBILITY
typedef struct zk_visibility {
    int32_t begin[2];
    int32_t end[2];
} zk_visibility;
#endif

/// One query head of one sequence: o = softmax(scale * q k^T) v over what each row may see.
/// q [queries, K], k [keys, K], v [keys, V], o [queries, V], each with its row stride;
/// log_sum_exp[queries] is saved for the way back (minus infinity where a row sees nothing). A key in both ranges counts once.
/// Fastest when each head's keys lie together (k_stride = K): rows far apart cost decoding at long contexts a multiple.
/// Memory: no queries x keys buffer; `workspace` holds attention_workspace(K, V) values.
/// Source: FlashAttention-2, arXiv:2307.08691, algorithm 1.
int64_t NAME(attention_workspace)(int64_t key_width, int64_t value_width);
void NAME(attention)(int64_t queries, int64_t keys, int64_t key_width, int64_t value_width, REAL scale,
                     const REAL *_Nonnull q, int64_t q_stride, const REAL *_Nonnull k, int64_t k_stride,
                     const REAL *_Nonnull v, int64_t v_stride, const zk_visibility *_Nonnull visibility,
                     REAL *_Nonnull o, int64_t o_stride, REAL *_Nonnull log_sum_exp, REAL *_Nonnull workspace);
/// dq is written; dk and dv are accumulated (+=), so that the query heads of one group can share them in turn.
/// Source: FlashAttention-2, algorithm 2.
int64_t NAME(attention_backward_workspace)(int64_t queries, int64_t key_width, int64_t value_width);
void NAME(attention_backward)(int64_t queries, int64_t keys, int64_t key_width, int64_t value_width, REAL scale,
                              const REAL *_Nonnull q, int64_t q_stride, const REAL *_Nonnull k, int64_t k_stride,
                              const REAL *_Nonnull v, int64_t v_stride, const zk_visibility *_Nonnull visibility,
                              const REAL *_Nonnull o, int64_t o_stride, const REAL *_Nonnull log_sum_exp,
                              const REAL *_Nonnull d_o, int64_t do_stride, REAL *_Nonnull dq, int64_t dq_stride,
                              REAL *_Nonnull dk, int64_t dk_stride, REAL *_Nonnull dv, int64_t dv_stride,
                              REAL *_Nonnull workspace);

// ---- Attention in which each query sees one run of keys -------------------------------------------

/// One head: o[r] = softmax(scale * q[r] k^T) v over the keys range[2 r] up to, without, range[2 r + 1]; zeros where there are none.
/// Rows have strides; log_sum_exp[r * sum_stride] is saved for the way back. A row of o has the same bits whatever queries stand
/// beside it.
void NAME(range_attention)(int64_t queries, int64_t key_width, int64_t value_width, REAL scale, const REAL *_Nonnull q,
                           int64_t q_stride, const REAL *_Nonnull k, int64_t k_stride, const REAL *_Nonnull v,
                           int64_t v_stride, const int32_t *_Nonnull range, REAL *_Nonnull o, int64_t o_stride,
                           REAL *_Nonnull log_sum_exp, int64_t sum_stride);
/// dq is written; dk and dv are accumulated (+=), query after query.
void NAME(range_attention_backward)(int64_t queries, int64_t key_width, int64_t value_width, REAL scale,
                                    const REAL *_Nonnull q, int64_t q_stride, const REAL *_Nonnull k, int64_t k_stride,
                                    const REAL *_Nonnull v, int64_t v_stride, const int32_t *_Nonnull range,
                                    const REAL *_Nonnull o, int64_t o_stride, const REAL *_Nonnull log_sum_exp,
                                    int64_t sum_stride, const REAL *_Nonnull d_o, int64_t do_stride, REAL *_Nonnull dq,
                                    int64_t dq_stride, REAL *_Nonnull dk, int64_t dk_stride, REAL *_Nonnull dv,
                                    int64_t dv_stride);

// ---- Short causal depthwise convolution -------------------------------------------------------

/// y[t, c] = bias[c] + sum over j < width of weight[c, j] * x[t - (width - 1) + j, c], then SiLU when `silu` is 1.
/// One sequence, channels [0, channels) of rows with strides. `history` [width - 1, channels] (row stride `channels`)
/// holds what came before t = 0, oldest first; null means zeros. bias may be null.
void NAME(causal_convolution)(int64_t tokens, int64_t channels, int64_t width, int32_t silu, const REAL *_Nonnull x,
                              int64_t x_stride, const REAL *_Nonnull weight, const REAL *_Nullable bias,
                              const REAL *_Nullable history, REAL *_Nonnull y, int64_t y_stride);
/// dx is written; dweight [channels, width] and dbias [channels] are accumulated. Zero history; the SiLU's argument is recomputed.
void NAME(causal_convolution_backward)(int64_t tokens, int64_t channels, int64_t width, int32_t silu,
                                       const REAL *_Nonnull x, int64_t x_stride, const REAL *_Nonnull weight,
                                       const REAL *_Nullable bias, const REAL *_Nonnull dy, int64_t dy_stride,
                                       REAL *_Nonnull dx, int64_t dx_stride, REAL *_Nonnull dweight,
                                       REAL *_Nullable dbias, REAL *_Nonnull workspace /* tokens * channels */);

// ---- Selective scan (Mamba, arXiv:2312.00752, algorithm 2) -------------------------------------

/// One sequence, channels [0, channels): h[c, n] <- exp(delta[t, c] a[c, n]) h[c, n] + delta[t, c] b[t, n] u[t, c];
/// y[t, c] = sum over n of c_[t, n] h[c, n] + d[c] u[t, c], times silu(z[t, c]) when z is not null.
/// `state` [channels, N] is read at the start and written at the end (zeros for a fresh one).
/// `checkpoints` (may be null) receives h at the start of every `scan_chunk()` tokens: [ceil(T / chunk), channels, N].
int64_t NAME(scan_chunk)(void);
void NAME(selective_scan)(int64_t tokens, int64_t channels, int64_t state_size, const REAL *_Nonnull u, int64_t u_stride,
                          const REAL *_Nonnull delta, int64_t delta_stride, const REAL *_Nonnull a,
                          const REAL *_Nonnull b, int64_t b_stride, const REAL *_Nonnull c_, int64_t c_stride,
                          const REAL *_Nonnull d, const REAL *_Nullable z, int64_t z_stride, REAL *_Nonnull y,
                          int64_t y_stride, REAL *_Nonnull state, REAL *_Nullable checkpoints);
/// Gradients of the scan from zero state: du, ddelta, dz written; da [channels, N], db, dc [T, N] and dd [channels] accumulated
/// (db and dc are sums over channels: give each piece of channels its own and add them in order).
/// h is recomputed chunk by chunk from `checkpoints`. `workspace`: selective_scan_workspace(channels, N) values.
int64_t NAME(selective_scan_workspace)(int64_t channels, int64_t state_size);
void NAME(selective_scan_backward)(int64_t tokens, int64_t channels, int64_t state_size, const REAL *_Nonnull u,
                                   int64_t u_stride, const REAL *_Nonnull delta, int64_t delta_stride,
                                   const REAL *_Nonnull a, const REAL *_Nonnull b, int64_t b_stride,
                                   const REAL *_Nonnull c_, int64_t c_stride, const REAL *_Nonnull d,
                                   const REAL *_Nullable z, int64_t z_stride, const REAL *_Nonnull checkpoints,
                                   const REAL *_Nonnull dy, int64_t dy_stride, REAL *_Nonnull du, int64_t du_stride,
                                   REAL *_Nonnull ddelta, int64_t ddelta_stride, REAL *_Nonnull da, REAL *_Nonnull db,
                                   int64_t db_stride, REAL *_Nonnull dc, int64_t dc_stride, REAL *_Nonnull dd,
                                   REAL *_Nullable dz, int64_t dz_stride, REAL *_Nonnull workspace);

// ---- Gated delta rule (arXiv:2406.06484, arXiv:2412.06464) ---------------------------------------

/// One head of one sequence: S <- e^g S;  r = v - S^T k;  S <- S + beta k r^T;  o = scale S^T q, with q, k [T, K],
/// v, o [T, V], beta and g [T] (both `gate_stride` apart; g null: no decay) and S = `state` [K, V], read at the start and
/// written at the end. `checkpoints` (may be null) receives S at the start of every `delta_rule_chunk()` tokens.
/// `workspace`: delta_rule_workspace(K, V) values.
int64_t NAME(delta_rule_chunk)(void);
int64_t NAME(delta_rule_workspace)(int64_t key_width, int64_t value_width);
void NAME(delta_rule)(int64_t tokens, int64_t key_width, int64_t value_width, REAL scale, const REAL *_Nonnull q,
                      int64_t q_stride, const REAL *_Nonnull k, int64_t k_stride, const REAL *_Nonnull v,
                      int64_t v_stride, const REAL *_Nonnull beta, const REAL *_Nullable g, int64_t gate_stride,
                      REAL *_Nonnull o, int64_t o_stride, REAL *_Nonnull state, REAL *_Nullable checkpoints,
                      REAL *_Nonnull workspace);
/// Gradients of the rule from the state in the first checkpoint: dq and dk are accumulated (heads may share them in turn),
/// dv, dbeta and dg (may be null) written. `workspace`: delta_rule_backward_workspace(K, V) values.
int64_t NAME(delta_rule_backward_workspace)(int64_t key_width, int64_t value_width);
void NAME(delta_rule_backward)(int64_t tokens, int64_t key_width, int64_t value_width, REAL scale, const REAL *_Nonnull q,
                               int64_t q_stride, const REAL *_Nonnull k, int64_t k_stride, const REAL *_Nonnull v,
                               int64_t v_stride, const REAL *_Nonnull beta, const REAL *_Nullable g, int64_t gate_stride,
                               const REAL *_Nonnull checkpoints, const REAL *_Nonnull d_o, int64_t do_stride,
                               REAL *_Nonnull dq, int64_t dq_stride, REAL *_Nonnull dk, int64_t dk_stride,
                               REAL *_Nonnull dv, int64_t dv_stride, REAL *_Nonnull dbeta, REAL *_Nullable dg,
                               int64_t dgate_stride, REAL *_Nonnull workspace);

/// y[outputs] = x[inputs] times a matrix [inputs, outputs] with row stride `stride`.
void NAME(row_product)(int64_t inputs, int64_t outputs, const REAL *_Nonnull x, const REAL *_Nonnull matrix, int64_t stride,
                       REAL *_Nonnull y);

// ---- RWKV ------------------------------------------------------------------------------------------

/// Rows [tokens, width] of one sequence: y[t] = x[t] + mix (x[t - 1] - x[t]), or with `keeps` 1 x[t - 1] + mix (x[t] - x[t - 1]).
/// `before` is the row before the first; null means zeros.
void NAME(token_shift)(int64_t tokens, int64_t width, int32_t keeps, const REAL *_Nonnull x, const REAL *_Nullable before,
                       const REAL *_Nonnull mix, REAL *_Nonnull y);
/// dx is written, or added to when `adding` is 1; dmix [width] is accumulated. `after` is the row of dy behind the last; null means
/// zeros. dx is never dy.
void NAME(token_shift_backward)(int64_t tokens, int64_t width, int32_t keeps, const REAL *_Nonnull x,
                                const REAL *_Nullable before, const REAL *_Nonnull mix, const REAL *_Nonnull dy,
                                const REAL *_Nullable after, int32_t adding, REAL *_Nonnull dx, REAL *_Nonnull dmix);

/// y = sigmoid(gate) x, and its derivatives.
void NAME(sigmoid_gate)(int64_t n, const REAL *_Nonnull gate, const REAL *_Nonnull x, REAL *_Nonnull y);
void NAME(sigmoid_gate_backward)(int64_t n, const REAL *_Nonnull gate, const REAL *_Nonnull x, const REAL *_Nonnull dy,
                                 REAL *_Nonnull dgate, REAL *_Nonnull dx);
/// y = value + (first - value) sigmoid(gate), and its derivatives.
void NAME(value_residual)(int64_t n, const REAL *_Nonnull value, const REAL *_Nonnull first, const REAL *_Nonnull gate,
                          REAL *_Nonnull y);
void NAME(value_residual_backward)(int64_t n, const REAL *_Nonnull value, const REAL *_Nonnull first,
                                   const REAL *_Nonnull gate, const REAL *_Nonnull dy, REAL *_Nonnull dvalue,
                                   REAL *_Nonnull dfirst, REAL *_Nonnull dgate);
/// Rows: y = key (1 + (rate - 1) share) with share [width]; dkey, drate written, dshare accumulated.
void NAME(replacement_key)(int64_t rows, int64_t width, const REAL *_Nonnull key, const REAL *_Nonnull rate,
                           const REAL *_Nonnull share, REAL *_Nonnull y);
void NAME(replacement_key_backward)(int64_t rows, int64_t width, const REAL *_Nonnull key, const REAL *_Nonnull rate,
                                    const REAL *_Nonnull share, const REAL *_Nonnull dy, REAL *_Nonnull dkey,
                                    REAL *_Nonnull drate, REAL *_Nonnull dshare);
/// For each head of rows [rows, heads, size]: y = (normal(x) weight + bias + (sum of r k bonus) v) gate, where normal(x) has mean 0
/// and variance 1 over the head; weight, bias, bonus [heads, size]. Their derivatives are accumulated, the others written.
void NAME(wkv7_readout)(int64_t rows, int64_t heads, int64_t size, REAL epsilon, const REAL *_Nonnull x,
                        const REAL *_Nonnull r, const REAL *_Nonnull k, const REAL *_Nonnull v,
                        const REAL *_Nonnull gate, const REAL *_Nonnull weight, const REAL *_Nonnull bias,
                        const REAL *_Nonnull bonus, REAL *_Nonnull y);
void NAME(wkv7_readout_backward)(int64_t rows, int64_t heads, int64_t size, REAL epsilon, const REAL *_Nonnull x,
                                 const REAL *_Nonnull r, const REAL *_Nonnull k, const REAL *_Nonnull v,
                                 const REAL *_Nonnull gate, const REAL *_Nonnull weight, const REAL *_Nonnull bias,
                                 const REAL *_Nonnull bonus, const REAL *_Nonnull dy, REAL *_Nonnull dx,
                                 REAL *_Nonnull dr, REAL *_Nonnull dk, REAL *_Nonnull dv, REAL *_Nonnull dgate,
                                 REAL *_Nonnull dweight, REAL *_Nonnull dbias, REAL *_Nonnull dbonus);

/// One sequence, channels [0, channels) (RWKV-4, arXiv:2305.13048): y[t] = (A + e^(u + k[t]) v[t]) / (B + e^(u + k[t])), then
/// A <- e^w A + e^k[t] v[t], B <- e^w B + e^k[t]. The state is A = numerator e^exponent, B = denominator e^exponent [channels] each,
/// read at the start and written at the end (0, 0, -1e38 for a fresh one).
/// `checkpoints` (may be null) receives the state at the start of every `wkv4_chunk()` tokens: [ceil(T / chunk), 3, channels].
int64_t NAME(wkv4_chunk)(void);
void NAME(wkv4)(int64_t tokens, int64_t channels, const REAL *_Nonnull w, const REAL *_Nonnull u, const REAL *_Nonnull k,
                int64_t k_stride, const REAL *_Nonnull v, int64_t v_stride, REAL *_Nonnull y, int64_t y_stride,
                REAL *_Nonnull numerator, REAL *_Nonnull denominator, REAL *_Nonnull exponent,
                REAL *_Nullable checkpoints);
/// Gradients from a fresh state: dk, dv written; dw, du [channels] accumulated.
void NAME(wkv4_backward)(int64_t tokens, int64_t channels, const REAL *_Nonnull w, const REAL *_Nonnull u,
                         const REAL *_Nonnull k, int64_t k_stride, const REAL *_Nonnull v, int64_t v_stride,
                         const REAL *_Nonnull checkpoints, const REAL *_Nonnull dy, int64_t dy_stride,
                         REAL *_Nonnull dw, REAL *_Nonnull du, REAL *_Nonnull dk, int64_t dk_stride, REAL *_Nonnull dv,
                         int64_t dv_stride);

/// One head of one sequence (RWKV-7, arXiv:2503.14456): S <- S diag(w) - (S kappa) (kappa * a)^T + v k^T, y = S r. All inputs
/// [T, size] with one row stride. `state` [keys, values] (S transposed) is read at the start and written at the end.
/// `removed` (may be null; row stride `stride`) receives S kappa, `checkpoints` (may be null) the state at the start of every
/// `wkv7_chunk()` tokens: [ceil(T / chunk), keys, values]. `workspace`: wkv7_workspace(size) values.
int64_t NAME(wkv7_chunk)(void);
int64_t NAME(wkv7_workspace)(int64_t size);
void NAME(wkv7)(int64_t tokens, int64_t size, const REAL *_Nonnull r, const REAL *_Nonnull w, const REAL *_Nonnull k,
                const REAL *_Nonnull v, const REAL *_Nonnull kappa, const REAL *_Nonnull a, int64_t stride,
                REAL *_Nonnull y, int64_t y_stride, REAL *_Nonnull state, REAL *_Nullable removed,
                REAL *_Nullable checkpoints, REAL *_Nonnull workspace);
/// Gradients, all written, all with row stride `stride`. `workspace`: wkv7_backward_workspace(size) values.
int64_t NAME(wkv7_backward_workspace)(int64_t size);
void NAME(wkv7_backward)(int64_t tokens, int64_t size, const REAL *_Nonnull r, const REAL *_Nonnull w,
                         const REAL *_Nonnull k, const REAL *_Nonnull v, const REAL *_Nonnull kappa,
                         const REAL *_Nonnull a, int64_t stride, const REAL *_Nonnull removed,
                         const REAL *_Nonnull checkpoints, const REAL *_Nonnull dy, REAL *_Nonnull dr,
                         REAL *_Nonnull dw, REAL *_Nonnull dk, REAL *_Nonnull dv, REAL *_Nonnull dkappa,
                         REAL *_Nonnull da, REAL *_Nonnull workspace);

// ---- Networks that learn while they read (TTT, arXiv:2407.04620; Titans, arXiv:2501.00663) ---------

/// A network and how it learns. `widths`: of its inputs and of each layer's outputs, the first and the last equal.
#ifndef KERNELS_FAST_WEIGHTS
#define KERNELS_FAST_WEIGHTS
typedef struct zk_fast_weights {
    /// 1 to 4; weights of layer l are [widths[l] + bias, widths[l + 1]], one layer after the other in memory.
    int64_t layers;
    int64_t widths[5];
    /// 1: the last row of each layer's weights is its bias.
    int64_t bias;
    /// Between layers: 1 GELU (tanh), 0 SiLU.
    int64_t gelu;
    /// Tokens whose gradients are taken at the same weights.
    int64_t chunk;
    /// The loss is `loss_factor` / 2 times the squared error of the prediction of v.
    double loss_factor;
    /// Of the layer norm of the prediction, where there is one.
    double epsilon;
} zk_fast_weights;
#endif

/// One head of one sequence: token t reads o_t = q_t + N(network(q_t)) after the network has learned v from k for all tokens up to t;
/// the rules are in topics/fast_weights_chunk.h. q, k, v, o [T, K] with one row stride; `rate` [T] and, for Titans, `momentum` and
/// `forgetting` [T], `gate_stride` apart; for test-time training these are null and `places` [chunk] is not.
/// gamma and beta [K]: N is a layer norm; null: it is nothing. `offset`: places of the chunk that were read before.
/// w and s (as large as the weights) are read at the start and written at the end; `at`, the weights that gradients are taken at, may be
/// null where they are w: always for test-time training, and where offset is 0 and the tokens fill whole chunks or nothing follows.
/// `begins`: s is taken as zeros. `checkpoints` (may be null) receives w (Titans: and s) at the start of every chunk, offset being 0.
/// `surprise` (may be null, strided as gates; no norm): squared error of each prediction. `workspace`: fast_weights_workspace values.
int64_t NAME(fast_weights_workspace)(const zk_fast_weights *_Nonnull shape);
void NAME(fast_weights)(const zk_fast_weights *_Nonnull shape, int64_t tokens, int64_t offset, const REAL *_Nonnull q,
                        const REAL *_Nonnull k, const REAL *_Nonnull v, int64_t stride, const REAL *_Nonnull rate,
                        const REAL *_Nullable momentum, const REAL *_Nullable forgetting, int64_t gate_stride,
                        const REAL *_Nullable places, const REAL *_Nullable gamma, const REAL *_Nullable beta,
                        REAL *_Nonnull o, REAL *_Nullable at, REAL *_Nonnull w, REAL *_Nonnull s, int32_t begins,
                        REAL *_Nullable checkpoints, REAL *_Nullable surprise, REAL *_Nonnull workspace);
/// Gradients from the first checkpoint on: dq, dk, dv, drate (Titans: dmomentum, dforgetting) and dw written; dplaces [chunk], dgamma
/// and dbeta [K] (each where there is one) accumulated. `begins`: s was zeros; otherwise `ds` receives its gradient. `dw_end` and `ds_end`:
/// gradients of w and s as they were left (null: zeros). `workspace`: fast_weights_backward_workspace values.
int64_t NAME(fast_weights_backward_workspace)(const zk_fast_weights *_Nonnull shape);
void NAME(fast_weights_backward)(const zk_fast_weights *_Nonnull shape, int64_t tokens, const REAL *_Nonnull q,
                                 const REAL *_Nonnull k, const REAL *_Nonnull v, int64_t stride,
                                 const REAL *_Nonnull rate, const REAL *_Nullable momentum,
                                 const REAL *_Nullable forgetting, int64_t gate_stride, const REAL *_Nullable places,
                                 const REAL *_Nullable gamma, const REAL *_Nullable beta,
                                 const REAL *_Nonnull checkpoints, int32_t begins, const REAL *_Nonnull d_o,
                                 const REAL *_Nullable dw_end, const REAL *_Nullable ds_end, REAL *_Nonnull dq,
                                 REAL *_Nonnull dk, REAL *_Nonnull dv, REAL *_Nonnull drate, REAL *_Nullable dmomentum,
                                 REAL *_Nullable dforgetting, REAL *_Nullable dplaces, REAL *_Nullable dgamma,
                                 REAL *_Nullable dbeta, REAL *_Nonnull dw, REAL *_Nullable ds,
                                 REAL *_Nonnull workspace);

// ---- Optimizer ----------------------------------------------------------------------------------

/// AdamW (Loshchilov and Hutter, arXiv:1711.05101, algorithm 2): one step over n values, moments updated in place.
/// p <- p - rate * (m_hat / (sqrt(v_hat) + epsilon) + decay * p), gradient first multiplied by `gradient_scale`
/// (clipping). correction1 = 1 - beta1^step, correction2 = 1 - beta2^step.
void NAME(adamw)(int64_t n, REAL *_Nonnull parameter, const REAL *_Nonnull gradient, REAL *_Nonnull first_moment,
                 REAL *_Nonnull second_moment, REAL rate, REAL beta1, REAL beta2, REAL epsilon, REAL decay,
                 REAL correction1, REAL correction2, REAL gradient_scale);
