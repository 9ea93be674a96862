// Included twice by kernels.h, with REAL and NAME set; never include it directly.
// Long convolutions, sums of exponentials and state-space duality.

// ---- Selective scan with eigenvalues in [-1, 1] (arXiv:2411.12537) -----------------------------

/// As `selective_scan` and `selective_scan_backward`, h multiplied by 2 exp(delta a) - 1 instead of exp(delta a).
void NAME(selective_scan_signed)(int64_t tokens, int64_t channels, int64_t state_size, const REAL *_Nonnull u,
                                 int64_t u_stride, const REAL *_Nonnull delta, int64_t delta_stride,
                                 const REAL *_Nonnull a, const REAL *_Nonnull b, int64_t b_stride,
                                 const REAL *_Nonnull c_, int64_t c_stride, const REAL *_Nonnull d,
                                 const REAL *_Nullable z, int64_t z_stride, REAL *_Nonnull y, int64_t y_stride,
                                 REAL *_Nonnull state, REAL *_Nullable checkpoints);
void NAME(selective_scan_signed_backward)(
    int64_t tokens, int64_t channels, int64_t state_size, const REAL *_Nonnull u, int64_t u_stride,
    const REAL *_Nonnull delta, int64_t delta_stride, const REAL *_Nonnull a, const REAL *_Nonnull b, int64_t b_stride,
    const REAL *_Nonnull c_, int64_t c_stride, const REAL *_Nonnull d, const REAL *_Nullable z, int64_t z_stride,
    const REAL *_Nonnull checkpoints, const REAL *_Nonnull dy, int64_t dy_stride, REAL *_Nonnull du, int64_t du_stride,
    REAL *_Nonnull ddelta, int64_t ddelta_stride, REAL *_Nonnull da, REAL *_Nonnull db, int64_t db_stride,
    REAL *_Nonnull dc, int64_t dc_stride, REAL *_Nonnull dd, REAL *_Nullable dz, int64_t dz_stride,
    REAL *_Nonnull workspace);

// ---- GELU in its exact form ---------------------------------------------------------------------

/// y = x/2 (1 + erf(x / sqrt 2)), and dx = dy times its derivative (dx may be dy).
void NAME(gelu)(int64_t n, const REAL *_Nonnull x, REAL *_Nonnull y);
void NAME(gelu_backward)(int64_t n, const REAL *_Nonnull x, const REAL *_Nonnull dy, REAL *_Nonnull dx);

// ---- Long causal convolution ----------------------------------------------------------------------

/// Channels of one piece of the two functions below, at most; roots of unity that they need for so many tokens (each a
/// cosine and a sine: the table holds twice as many numbers); numbers of their workspace.
int64_t NAME(long_convolution_channels)(void);
int64_t NAME(long_convolution_roots)(int64_t tokens);
int64_t NAME(long_convolution_workspace)(int64_t tokens);
/// roots[2 j], roots[2 j + 1] = exp(-2 pi i j / n)
void NAME(roots_of_unity)(int64_t n, REAL *_Nonnull roots);

/// For each of `rows` sequences of `tokens` rows: y[t, c] = sum over s <= t of filter[t - s, c] x[s, c]; with `reversed`
/// y[t, c] = sum over s >= t of filter[s - t, c] x[s, c]. Up to long_convolution_channels() channels.
/// Directly within blocks of 64 tokens; from earlier blocks by Fourier transforms of twice the block's length, blocks growing with the
/// distance, so that what comes later changes no bit. O(T log^2 T) for each channel.
void NAME(long_convolution)(int64_t rows, int64_t tokens, int64_t channels, int32_t reversed, const REAL *_Nonnull x,
                            int64_t x_stride, const REAL *_Nonnull filter, int64_t filter_stride, REAL *_Nonnull y,
                            int64_t y_stride, const REAL *_Nonnull roots, REAL *_Nonnull workspace);
/// dfilter[j, c] += sum over sequences and t >= j of dy[t, c] x[t - j, c], by transforms of length 2 T or more.
void NAME(long_convolution_filter_gradient)(int64_t rows, int64_t tokens, int64_t channels, const REAL *_Nonnull x,
                                            int64_t x_stride, const REAL *_Nonnull dy, int64_t dy_stride,
                                            REAL *_Nonnull dfilter, int64_t dfilter_stride, const REAL *_Nonnull roots,
                                            REAL *_Nonnull workspace);
/// What `past` rows say of the `tokens` after them, one sequence, any number of channels:
/// y[t, c] = sum over s < past of filter[past + t - s, c] history[s, c].
void NAME(history_convolution)(int64_t past, int64_t tokens, int64_t channels, const REAL *_Nonnull history,
                               int64_t history_stride, const REAL *_Nonnull filter, int64_t filter_stride,
                               REAL *_Nonnull y, int64_t y_stride);

// ---- Sums of complex exponentials -----------------------------------------------------------------

/// filter[t, c] = sum over n of Re(amplitude[c, n] exp(rate[c, n] t)); amplitude and rate [channels, N], real and imaginary parts
/// apart. Powers are made in double precision. `workspace`: exponential_sums_workspace(N) numbers on an 8-byte boundary.
int64_t NAME(exponential_sums_workspace)(int64_t tokens, int64_t states);
void NAME(exponential_sums)(int64_t tokens, int64_t channels, int64_t states, const REAL *_Nonnull amplitude_real,
                            const REAL *_Nonnull amplitude_imaginary, const REAL *_Nonnull rate_real,
                            const REAL *_Nonnull rate_imaginary, REAL *_Nonnull filter, int64_t filter_stride,
                            REAL *_Nonnull workspace);
/// Gradients [channels, N] of the same, written.
void NAME(exponential_sums_backward)(int64_t tokens, int64_t channels, int64_t states,
                                     const REAL *_Nonnull amplitude_real, const REAL *_Nonnull amplitude_imaginary,
                                     const REAL *_Nonnull rate_real, const REAL *_Nonnull rate_imaginary,
                                     const REAL *_Nonnull dfilter, int64_t dfilter_stride,
                                     REAL *_Nonnull damplitude_real, REAL *_Nonnull damplitude_imaginary,
                                     REAL *_Nonnull drate_real, REAL *_Nonnull drate_imaginary,
                                     REAL *_Nonnull workspace);
/// The convolution with such a filter as a recurrence: s <- decay s + u, y = sum over n of Re(amplitude s).
/// `state` [channels, 2, N], real parts first, is read and overwritten.
void NAME(exponential_recurrence)(int64_t tokens, int64_t channels, int64_t states, const REAL *_Nonnull u,
                                  int64_t u_stride, const REAL *_Nonnull decay_real,
                                  const REAL *_Nonnull decay_imaginary, const REAL *_Nonnull amplitude_real,
                                  const REAL *_Nonnull amplitude_imaginary, REAL *_Nonnull y, int64_t y_stride,
                                  REAL *_Nonnull state);

// ---- State-space duality (Mamba-2, arXiv:2405.21060) ------------------------------------------------

/// One sequence, `heads` heads of width P that share b and c [T, N]: S <- decay[t, h] S + step[t, h] x[t, h] b[t]^T,
/// y[t, h] = S c[t] + skip[h] x[t, h]. x, y: head h at h * P of a row; step, decay: row stride head_stride.
/// `state` [heads, P, N] is read (zeros with `fresh`) and overwritten. Chunks of 64 tokens in matrix products.
int64_t NAME(ssd_workspace)(int64_t width, int64_t states);
void NAME(ssd)(int64_t tokens, int64_t heads, int64_t width, int64_t states, const REAL *_Nonnull x, int64_t x_stride,
               const REAL *_Nonnull step, const REAL *_Nonnull decay, int64_t head_stride, const REAL *_Nonnull b,
               int64_t b_stride, const REAL *_Nonnull c_, int64_t c_stride, const REAL *_Nonnull skip,
               REAL *_Nonnull y, int64_t y_stride, REAL *_Nonnull state, int32_t fresh, REAL *_Nonnull workspace);
/// The same token by token, for few tokens.
void NAME(ssd_recurrence)(int64_t tokens, int64_t heads, int64_t width, int64_t states, const REAL *_Nonnull x,
                          int64_t x_stride, const REAL *_Nonnull step, const REAL *_Nonnull decay, int64_t head_stride,
                          const REAL *_Nonnull b, int64_t b_stride, const REAL *_Nonnull c_, int64_t c_stride,
                          const REAL *_Nonnull skip, REAL *_Nonnull y, int64_t y_stride, REAL *_Nonnull state);
/// Gradients from a state of zeros, all written; db and dc [T, N] are sums over the heads, dskip [heads] over tokens.
/// States at the starts of chunks are made again.
int64_t NAME(ssd_backward_workspace)(int64_t tokens, int64_t width, int64_t states);
void NAME(ssd_backward)(int64_t tokens, int64_t heads, int64_t width, int64_t states, const REAL *_Nonnull x,
                        int64_t x_stride, const REAL *_Nonnull step, const REAL *_Nonnull decay, int64_t head_stride,
                        const REAL *_Nonnull b, int64_t b_stride, const REAL *_Nonnull c_, int64_t c_stride,
                        const REAL *_Nonnull skip, const REAL *_Nonnull dy, int64_t dy_stride, REAL *_Nonnull dx,
                        int64_t dx_stride, REAL *_Nonnull dstep, REAL *_Nonnull ddecay, REAL *_Nonnull db,
                        int64_t db_stride, REAL *_Nonnull dc, int64_t dc_stride, REAL *_Nonnull dskip,
                        REAL *_Nonnull workspace);
