// Attention of so few queries that reading K and V is the work (decoding): every key is read once, key by key.

#define FEW_TILE 64
/// Bytes of keys and values above which they come from so far away that asking for them early pays: a tenth of the time at 16384 keys
/// of 64 + 64 floats. Where they are near it costs a tenth.
#define FEW_FAR (1 << 20)

/// Asks for four rows that are read soon.
INLINE void FN(few_ask)(const REAL *rows, int64_t stride, int64_t width) {
    for (int row = 0; row < 4; row++, rows += stride) {
        for (int64_t i = 0; i < width; i += 64 / (int64_t)sizeof(REAL)) __builtin_prefetch(rows + i);
    }
}

/// scores[key] for a tile of keys: four keys at a time. With `far` (a constant) the values of the same keys, which are read next, are
/// asked for meanwhile.
INLINE void FN(few_scores)(const int far, int64_t count, int64_t key_width, REAL factor, const REAL *q, const REAL *k,
                           int64_t k_stride, const REAL *v, int64_t v_stride, int64_t value_width, REAL *scores) {
    int64_t key = 0;
    for (; key + 4 <= count; key += 4) {
        const REAL *row = k + key * k_stride;
        if (far) FN(few_ask)(v + key * v_stride, v_stride, value_width);
        V s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        EACH_VECTOR(i, key_width, {
            V x = LOAD(q);
            s0 += x * LOAD(row);
            s1 += x * LOAD(row + k_stride);
            s2 += x * LOAD(row + 2 * k_stride);
            s3 += x * LOAD(row + 3 * k_stride);
        })
        scores[key] = factor * FN(sum_lanes)(s0);
        scores[key + 1] = factor * FN(sum_lanes)(s1);
        scores[key + 2] = factor * FN(sum_lanes)(s2);
        scores[key + 3] = factor * FN(sum_lanes)(s3);
    }
    for (; key < count; key++) {
        const REAL *row = k + key * k_stride;
        V s = 0;
        EACH_VECTOR(i, key_width, s += LOAD(q) * LOAD(row);)
        scores[key] = factor * FN(sum_lanes)(s);
    }
}

/// output += sum over keys of p[key] v[key]; `vectors` (a constant) vectors of columns stay in registers.
INLINE void FN(few_values)(const int vectors, int64_t count, const REAL *p, const REAL *v, int64_t v_stride,
                           REAL *output) {
    V sum[4];
#pragma unroll
    for (int c = 0; c < vectors; c++) sum[c] = FN(load)(output + c * LANES);
    for (int64_t key = 0; key < count; key++, v += v_stride) {
        REAL weight = p[key];
#pragma unroll
        for (int c = 0; c < vectors; c++) sum[c] += weight * FN(load)(v + c * LANES);
    }
#pragma unroll
    for (int c = 0; c < vectors; c++) FN(store)(output + c * LANES, sum[c]);
}

static void FN(attention_few)(int64_t queries, int64_t keys, int64_t key_width, int64_t value_width, REAL scale,
                              const REAL *q, int64_t q_stride, const REAL *k, int64_t k_stride, const REAL *v,
                              int64_t v_stride, const zk_visibility *visibility, REAL *o, int64_t o_stride,
                              REAL *log_sum_exp, REAL *workspace) {
    REAL *output = workspace;  // [queries, V]
    REAL scores[FEW_TILE], largest[FEW_QUERIES], sum[FEW_QUERIES];
    zk_visibility seen[FEW_QUERIES];
    // All the keys there are, though these queries may be given a stretch of them only.
    const int far = keys * (key_width + value_width) * (int64_t)sizeof(REAL) > FEW_FAR;
    int64_t hull_begin = keys, hull_end = 0;
    for (int64_t r = 0; r < queries; r++) {
        largest[r] = -INFINITY;
        sum[r] = 0;
        seen[r] = clipped_visibility(visibility[r], keys);
        for (int range = 0; range < 2; range++) {
            const int64_t begin = seen[r].begin[range], end = seen[r].end[range];
            if (begin == end) continue;
            hull_begin = begin < hull_begin ? begin : hull_begin;
            hull_end = end > hull_end ? end : hull_end;
        }
    }
    EACH_VECTOR(i, queries * value_width, STORE(output, (V)(0));)
    for (int64_t tile = hull_begin; tile < hull_end; tile += FEW_TILE) {
        int64_t tile_end = tile + FEW_TILE < hull_end ? tile + FEW_TILE : hull_end;
        for (int64_t r = 0; r < queries; r++) {
            for (int range = 0; range < 2; range++) {
                int64_t begin = seen[r].begin[range], end = seen[r].end[range];
                begin = begin < tile ? tile : begin;
                end = end > tile_end ? tile_end : end;
                if (begin >= end) continue;
                const int64_t count = end - begin;
                const REAL *tile_v = v + begin * v_stride;
                if (far && r == 0) {
                    FN(few_scores)(1, count, key_width, scale * S(LOG2_E), q + r * q_stride, k + begin * k_stride, k_stride,
                                   tile_v, v_stride, value_width, scores);
                } else {
                    FN(few_scores)(0, count, key_width, scale * S(LOG2_E), q + r * q_stride, k + begin * k_stride, k_stride,
                                   tile_v, v_stride, value_width, scores);
                }
                V top_lanes = (V)(largest[r]);
                EACH_VECTOR(i, count, top_lanes = FN(larger)(FN(first_lanes)(LOAD(scores), left, -INFINITY), top_lanes);)
                REAL top = FN(largest_lane)(top_lanes);
                REAL shift = top == (REAL)-INFINITY ? 0 : top;
                V total = 0;
                EACH_VECTOR(i, count, {
                    V p = FN(first_lanes)(FN(vexp2)(LOAD(scores) - shift), left, 0);
                    STORE(scores, p);
                    total += p;
                })
                REAL *row = output + r * value_width;
                if (top > largest[r]) {
                    REAL shrink = (REAL)exp2((double)(largest[r] - shift));
                    sum[r] *= shrink;
                    EACH_VECTOR(i, value_width, STORE(row, LOAD(row) * shrink);)
                    largest[r] = top;
                }
                sum[r] += FN(sum_lanes)(total);
                int64_t c = 0;
                for (; c + 4 * LANES <= value_width; c += 4 * LANES) {
                    FN(few_values)(4, count, scores, tile_v + c, v_stride, row + c);
                }
                for (; c + LANES <= value_width; c += LANES) {
                    FN(few_values)(1, count, scores, tile_v + c, v_stride, row + c);
                }
                if (c < value_width) {
                    FN(tile_edge)(1, value_width - c, count, scores, 0, 1, tile_v + c, v_stride, 1, row + c, value_width);
                }
            }
        }
    }
    for (int64_t r = 0; r < queries; r++) {
        const REAL *from = output + r * value_width;
        REAL *row = o + r * o_stride;
        REAL inverse = sum[r] == 0 ? 0 : 1 / sum[r];
        EACH_VECTOR(i, value_width, STORE(row, LOAD(from) * inverse);)
        log_sum_exp[r] = sum[r] == 0 ? (REAL)-INFINITY : (REAL)((largest[r] + log2((double)sum[r])) * 0.6931471805599453);
    }
}
