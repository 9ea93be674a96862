// The way back through state-space duality. For each head the states at the starts of chunks are made again, then chunks pass from the last
// to the first, with the gradient of the state at the end of each. What the heads of a group share, the products of c and b, is
// kept for all chunks, and so is its gradient.

static int64_t FN(ssd_backward_workspace)(int64_t tokens, int64_t width, int64_t states) {
    const int64_t chunks = (tokens + SSD_CHUNK - 1) / SSD_CHUNK;
    return chunks * (2 * SSD_CHUNK * SSD_CHUNK + width * states) + width * states + 3 * SSD_CHUNK * SSD_CHUNK
        + 3 * SSD_CHUNK * width + SSD_CHUNK * states + 3 * SSD_CHUNK;
}

/// Gradients of the decays of one chunk. `slopes` holds those of D (and is used up), `ends` those of e; both follow the running products
/// backwards, so that nothing is divided by a decay.
static void FN(ssd_decays_backward)(int64_t count, const REAL *decay, REAL *ddecay, int64_t stride, const REAL *decays,
                                    const REAL *since, REAL *slopes, const REAL *ends) {
    REAL through = 0;
    for (int64_t t = count - 1; t >= 0; t--) {
        through += ends[t];
        REAL sum = through * (t > 0 ? since[t - 1] : 1);
        const REAL keep = decay[t * stride];
        if (t > 0) {
            const REAL *row = slopes + t * SSD_CHUNK, *before = decays + (t - 1) * SSD_CHUNK;
            sum += FN(ssd_dot)(t, row, before);
            FN(ssd_add)(t, keep, row, slopes + (t - 1) * SSD_CHUNK);
        }
        ddecay[t * stride] = sum;
        through *= keep;
    }
}

static void FN(ssd_backward)(int64_t tokens, int64_t heads, int64_t width, int64_t states, const REAL *x,
                             int64_t x_stride, const REAL *step, const REAL *decay, int64_t head_stride, const REAL *b,
                             int64_t b_stride, const REAL *c_, int64_t c_stride, const REAL *skip, const REAL *dy,
                             int64_t dy_stride, REAL *dx, int64_t dx_stride, REAL *dstep, REAL *ddecay, REAL *db,
                             int64_t db_stride, REAL *dc, int64_t dc_stride, REAL *dskip, REAL *workspace) {
    const int64_t chunks = (tokens + SSD_CHUNK - 1) / SSD_CHUNK, square = SSD_CHUNK * SSD_CHUNK, size = width * states;
    REAL *met = workspace, *dmet = met + chunks * square, *before = dmet + chunks * square;
    REAL *ds = before + chunks * size, *decays = ds + size, *weights = decays + square, *slopes = weights + square;
    REAL *driven = slopes + square, *ddriven = driven + SSD_CHUNK * width, *scaled = ddriven + SSD_CHUNK * width;
    REAL *wide = scaled + SSD_CHUNK * width, *since = wide + SSD_CHUNK * states, *ends = since + SSD_CHUNK;
    const size_t bytes = sizeof(REAL);
    __builtin_memset(dmet, 0, (size_t)(chunks * square) * bytes);
    for (int64_t t = 0; t < tokens; t++) {
        __builtin_memset(db + t * db_stride, 0, (size_t)states * bytes);
        __builtin_memset(dc + t * dc_stride, 0, (size_t)states * bytes);
    }
    for (int64_t k = 0; k < chunks; k++) {
        const int64_t begin = k * SSD_CHUNK, count = tokens - begin < SSD_CHUNK ? tokens - begin : SSD_CHUNK;
        SSD_GEMM(0, 1, count, count, states, 1, c_ + begin * c_stride, c_stride, b + begin * b_stride, b_stride, 0,
                 met + k * square, SSD_CHUNK);
    }
    for (int64_t h = 0; h < heads; h++) {
        __builtin_memset(before, 0, (size_t)size * bytes);
        for (int64_t k = 0; k + 1 < chunks; k++) {
            REAL all = 1;
            for (int64_t t = SSD_CHUNK - 1; t >= 0; t--) {
                const int64_t at = k * SSD_CHUNK + t;
                const REAL *from = x + at * x_stride + h * width, factor = all * step[at * head_stride + h];
                EACH_VECTOR(i, width, STORE(scaled + t * width, LOAD(from) * factor);)
                all *= decay[at * head_stride + h];
            }
            REAL *next = before + (k + 1) * size;
            if (k > 0) {
                const REAL *last = before + k * size;
                EACH_VECTOR(i, size, STORE(next, LOAD(last) * all);)
            }
            SSD_GEMM(1, 0, width, states, SSD_CHUNK, 1, scaled, width, b + k * SSD_CHUNK * b_stride, b_stride, k > 0 ? 1 : 0,
                     next, states);
        }
        dskip[h] = 0;
        for (int64_t k = chunks - 1; k >= 0; k--) {
            const int64_t begin = k * SSD_CHUNK, count = tokens - begin < SSD_CHUNK ? tokens - begin : SSD_CHUNK;
            const int last = k == chunks - 1;
            const REAL *b_chunk = b + begin * b_stride, *c_chunk = c_ + begin * c_stride, *state = before + k * size;
            const REAL *x_head = x + begin * x_stride + h * width, *dy_head = dy + begin * dy_stride + h * width;
            const REAL *decay_head = decay + begin * head_stride + h, *step_head = step + begin * head_stride + h;
            FN(ssd_decays)(count, decay_head, head_stride, decays, since);
            const REAL *until = decays + (count - 1) * SSD_CHUNK;
            for (int64_t t = 0; t < count; t++) {
                const REAL factor = step_head[t * head_stride], *from = x_head + t * x_stride;
                EACH_VECTOR(i, width, STORE(driven + t * width, LOAD(from) * factor);)
                ends[t] = 0;
            }
            // Within the chunk.
            SSD_GEMM(0, 1, count, count, width, 1, dy_head, dy_stride, driven, width, 0, slopes, SSD_CHUNK);
            for (int64_t t = 0; t < count; t++) {
                const REAL *row = decays + t * SSD_CHUNK, *product = met + k * square + t * SSD_CHUNK;
                REAL *slope = slopes + t * SSD_CHUNK, *dproduct = dmet + k * square + t * SSD_CHUNK;
                FN(ssd_mask)(t, count, row, product, weights + t * SSD_CHUNK);
                EACH_VECTOR(i, t + 1, {
                    const V d = LOAD(slope);
                    STORE(dproduct, LOAD(dproduct) + d * LOAD(row));
                    STORE(slope, d * LOAD(product));
                })
            }
            SSD_GEMM(1, 0, count, width, count, 1, weights, SSD_CHUNK, dy_head, dy_stride, 0, ddriven, width);
            // From the state at the chunk's start.
            if (k > 0) {
                SSD_GEMM(0, 0, count, states, width, 1, dy_head, dy_stride, state, states, 0, wide, states);
                for (int64_t t = 0; t < count; t++) {
                    const REAL *row = wide + t * states;
                    ends[t] = FN(ssd_dot)(states, row, c_chunk + t * c_stride);
                    FN(ssd_add)(states, since[t], row, dc + (begin + t) * dc_stride);
                }
            }
            // To the state at its end.
            if (!last) {
                SSD_GEMM(0, 0, count, states, width, 1, driven, width, ds, states, 0, wide, states);
                REAL *slope = slopes + (count - 1) * SSD_CHUNK;
                for (int64_t t = 0; t < count; t++) {
                    const REAL *row = wide + t * states;
                    slope[t] += FN(ssd_dot)(states, row, b_chunk + t * b_stride);
                    FN(ssd_add)(states, until[t], row, db + (begin + t) * db_stride);
                }
                SSD_GEMM(0, 1, count, width, states, 1, b_chunk, b_stride, ds, states, 0, scaled, width);
                for (int64_t t = 0; t < count; t++) FN(ssd_add)(width, until[t], scaled + t * width, ddriven + t * width);
                if (k > 0) ends[count - 1] += FN(ssd_dot)(size, ds, state);
            }
            FN(ssd_decays_backward)(count, decay_head, ddecay + begin * head_stride + h, head_stride, decays, since, slopes, ends);
            for (int64_t t = 0; t < count; t++) {
                const REAL *from = x_head + t * x_stride, *slope = dy_head + t * dy_stride, *d = ddriven + t * width;
                const REAL factor = step_head[t * head_stride];
                REAL *to = dx + (begin + t) * dx_stride + h * width;
                V of_step = 0, of_skip = 0;
                EACH_VECTOR(i, width, {
                    const V v = LOAD(from), g = LOAD(slope), e = LOAD(d);
                    of_step += v * e;
                    of_skip += v * g;
                    STORE(to, e * factor + g * skip[h]);
                    STORE(scaled + t * width, g * since[t]);
                })
                dstep[(begin + t) * head_stride + h] = FN(sum_lanes)(of_step);
                dskip[h] += FN(sum_lanes)(of_skip);
            }
            if (k > 0) {
                SSD_GEMM(1, 0, width, states, count, 1, scaled, width, c_chunk, c_stride, last ? 0 : since[count - 1], ds, states);
            }
        }
    }
    for (int64_t k = 0; k < chunks; k++) {
        const int64_t begin = k * SSD_CHUNK, count = tokens - begin < SSD_CHUNK ? tokens - begin : SSD_CHUNK;
        const REAL *slopes_of = dmet + k * square;
        SSD_GEMM(0, 0, count, states, count, 1, slopes_of, SSD_CHUNK, b + begin * b_stride, b_stride, 1, dc + begin * dc_stride,
                 dc_stride);
        SSD_GEMM(1, 0, count, states, count, 1, slopes_of, SSD_CHUNK, c_ + begin * c_stride, c_stride, 1, db + begin * db_stride,
                 db_stride);
    }
}
