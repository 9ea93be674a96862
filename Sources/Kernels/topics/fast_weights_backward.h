// The way back through networks that learn while they read: chunks from the last to the first, each made again from the weights it
// began with. Names as in fast_weights_chunk.h; dX is the gradient of X.
//
// In a chunk, in this order: through what it leaves to the next one (dW, dS); through the reads, last layer first; through the
// gradients g, first layer first, which is a derivative of a derivative; through the activations of the keys; through the coefficients.
#include "fast_weights_chunk.h"

typedef struct {
    REAL *da[FAST_LAYERS];  // [chunk, in]
    REAL *dg[FAST_LAYERS];  // [chunk, out]
    REAL *dz[FAST_LAYERS];  // [chunk, out]
    REAL *dw, *ds;          // of what the chunk leaves
    REAL *dw_new, *ds_new;  // of what it began with
    REAL *s_t, *turned;     // a layer's matrix, transposed
    REAL *dy, *dh, *other;  // [chunk, widest]
    REAL *dc, *dp;          // [chunk, chunk]
    REAL *dc0, *dc1, *dw_j, *ds_j;  // [chunk]
    REAL *de, *dsums;       // [chunk, chunk]
    REAL dw_w, dw_s, ds_s;
    int64_t used;
} FN(fast_slopes);

INLINE FN(fast_slopes) FN(fast_slopes_in)(const FN(fast_chunk) *c, REAL *memory) {
    FN(fast_slopes) d;
    int64_t used = 0, largest = 0;
    const int64_t n = c->chunk;
    for (int64_t l = 0; l < c->layers; l++) {
        d.da[l] = TAKE(n * c->in[l]);
        d.dg[l] = TAKE(n * c->out[l]);
        d.dz[l] = TAKE(n * c->out[l]);
        largest = c->in[l] * c->out[l] > largest ? c->in[l] * c->out[l] : largest;
    }
    d.dw = TAKE(c->size);
    d.ds = TAKE(c->size);
    d.dw_new = TAKE(c->size);
    d.ds_new = TAKE(c->size);
    d.s_t = TAKE(largest);
    d.turned = TAKE(largest);
    d.dy = TAKE(n * c->widest);
    d.dh = TAKE(n * c->widest);
    d.other = TAKE(n * c->widest);
    d.dc = TAKE(n * n);
    d.dp = TAKE(n * n);
    d.dc0 = TAKE(n);
    d.dc1 = TAKE(n);
    d.dw_j = TAKE(n);
    d.ds_j = TAKE(n);
    d.de = TAKE(n * n);
    d.dsums = TAKE(n * n);
    d.used = used;
    return d;
}

static int64_t FN(fast_weights_backward_workspace)(const zk_fast_weights *shape) {
    const FN(fast_chunk) c = FN(fast_chunk_in)(shape, 0);
    return c.used + FN(fast_slopes_in)(&c, 0).used;
}

INLINE void FN(fast_zero)(int64_t n, REAL *x) { EACH_VECTOR(i, n, STORE(x, (V)(0));) }

/// to = factor_t * from, row by row.
INLINE void FN(fast_scale_rows)(int64_t n, int64_t width, REAL sign, const REAL *factor, const REAL *from, REAL *to) {
    for (int64_t t = 0; t < n; t++, from += width, to += width) {
        const REAL value = sign * factor[t];
        EACH_VECTOR(i, width, STORE(to, value * LOAD(from));)
    }
}

/// Through x_new = ... - sum over j of by_j a_j g_j^T, given dx of one layer [in, out] and dx transposed: dby, dg and da get their shares.
static void FN(fast_update_backward)(int64_t n, int64_t l, const REAL *by, const REAL *dx, REAL *dby, const FN(fast_chunk) *c,
                                     const FN(fast_slopes) *d) {
    const int64_t in = c->in[l], out = c->out[l];
    FN(transpose)(in, out, 1, dx, out, d->turned, in);
    FN(tile_product)(n, out, in, c->a[l], in, 1, dx, out, 0, d->dh, out);
    for (int64_t t = 0; t < n; t++) {
        const REAL *row = d->dh + t * out, *g = c->g[l] + t * out, weight = by[t];
        REAL *dg = d->dg[l] + t * out;
        dby[t] -= FN(dot)(out, row, g);
        EACH_VECTOR(i, out, STORE(dg, LOAD(dg) - weight * LOAD(row));)
    }
    FN(fast_scale_rows)(n, out, -1, by, c->g[l], d->other);
    FN(tile_product)(n, in, out, d->other, out, 1, d->turned, in, 1, d->da[l], in);
}

/// dx[:, width] += dy * phi'(z), rows of dy `stride` apart; or = with `fresh`.
INLINE void FN(fast_activation_backward)(int64_t n, int64_t width, int64_t gelu, int fresh, const REAL *dy, int64_t stride,
                                         const REAL *z, REAL *dx) {
    for (int64_t t = 0; t < n; t++, dy += stride, z += width, dx += width) {
        EACH_VECTOR(i, width, {
            V slope = LOAD(dy) * FN(fast_activation)(1, gelu, LOAD(z));
            STORE(dx, fresh ? slope : LOAD(dx) + slope);
        })
    }
}

/// Through o = q + N(y) of the last layer: dy, and dq = do.
static void FN(fast_output_backward)(const zk_fast_weights *shape, int64_t n, const REAL *d_o, int64_t stride,
                                     const REAL *gamma, REAL *dq, REAL *dgamma, REAL *dbeta, const FN(fast_chunk) *c,
                                     const FN(fast_slopes) *d) {
    const int64_t width = shape->widths[0];
    const REAL *y = c->y[c->layers - 1];
    for (int64_t t = 0; t < n; t++, y += width, d_o += stride, dq += stride) {
        REAL *dy = d->dy + t * width, *x = c->temporary;
        if (!gamma) {
            EACH_VECTOR(i, width, {
                STORE(dq, LOAD(d_o));
                STORE(dy, LOAD(d_o));
            })
            continue;
        }
        const REAL inverse = FN(fast_standardise)(width, (REAL)shape->epsilon, y, x);
        EACH_VECTOR(i, width, {
            V slope = LOAD(d_o);
            STORE(dq, slope);
            STORE(dgamma, LOAD(dgamma) + slope * LOAD(x));
            STORE(dbeta, LOAD(dbeta) + slope);
            STORE(dy, slope * LOAD(gamma));
        })
        FN(fast_centre)(width, inverse, x, dy);
    }
}

/// Through g = d loss / d z of the last layer: dz, and the shares of k and v (whose memory is written) and of the norm.
///
/// With x = (z - mean) s, u = factor gamma (gamma x + beta + k - v) and g = s (u - mean(u) - x mean(u x)).
static void FN(fast_loss_backward)(const zk_fast_weights *shape, int64_t n, const REAL *k, const REAL *v, int64_t stride,
                                   const REAL *gamma, const REAL *beta, REAL *dk, REAL *dv, REAL *dgamma, REAL *dbeta,
                                   const FN(fast_chunk) *c, const FN(fast_slopes) *d) {
    const int64_t width = shape->widths[0], top = c->layers - 1;
    const REAL factor = (REAL)shape->loss_factor, count = (REAL)width;
    REAL *x = c->temporary, *dx = c->temporary + width;  // there is a row to spare
    for (int64_t t = 0; t < n; t++, k += stride, v += stride, dk += stride, dv += stride) {
        const REAL *z = c->z[top] + t * width, *g = c->g[top] + t * width, *dg = d->dg[top] + t * width;
        REAL *dz = d->dz[top] + t * width;
        if (!gamma) {
            EACH_VECTOR(i, width, {
                V slope = factor * LOAD(dg);
                STORE(dz, slope);
                STORE(dk, slope);
                STORE(dv, -slope);
            })
            continue;
        }
        const REAL s = FN(fast_standardise)(width, (REAL)shape->epsilon, z, x);
        V sum_ux = 0, sum_dg = 0, sum_dgx = 0, along = 0;
        EACH_VECTOR(i, width, {
            V scale = LOAD(gamma), u = factor * scale * (scale * LOAD(x) + LOAD(beta) + LOAD(k) - LOAD(v));
            sum_ux += u * LOAD(x);
            sum_dg += LOAD(dg);
            sum_dgx += LOAD(dg) * LOAD(x);
            along += LOAD(dg) * LOAD(g);
        })
        const REAL mean_ux = FN(sum_lanes)(sum_ux) / count, mean_dg = FN(sum_lanes)(sum_dg) / count,
                   mean_dgx = FN(sum_lanes)(sum_dgx) / count, from_s = FN(sum_lanes)(along) * s / count;
        EACH_VECTOR(i, width, {
            V scale = LOAD(gamma), x_i = LOAD(x), rest = scale * x_i + LOAD(beta) + LOAD(k) - LOAD(v);
            V u = factor * scale * rest, du = s * (LOAD(dg) - mean_dg - x_i * mean_dgx);
            V target = factor * scale * du;
            STORE(dx, scale * target - s * (mean_ux * LOAD(dg) + mean_dgx * u));
            STORE(dgamma, LOAD(dgamma) + factor * du * rest + target * x_i);
            STORE(dbeta, LOAD(dbeta) + target);
            STORE(dk, target);
            STORE(dv, -target);
        })
        FN(fast_centre)(width, s, x, dx);
        EACH_VECTOR(i, width, STORE(dz, LOAD(dx) - from_s * LOAD(x));)
    }
}

/// From the slopes of all coefficients to those of the gates, which are written; `dplaces` is added to.
static void FN(fast_coefficients_backward)(int64_t n, const REAL *rate, const REAL *momentum, const REAL *forgetting,
                                           int64_t gate_stride, const REAL *places, REAL *drate, REAL *dmomentum,
                                           REAL *dforgetting, REAL *dplaces, const FN(fast_chunk) *c, FN(fast_slopes) *d) {
    const int64_t chunk = c->chunk, end = n - 1;
    if (places) {
        for (int64_t j = 0; j < n; j++) {
            REAL sum = d->dw_j[j] * places[end];
            dplaces[end] += d->dw_j[j] * rate[j * gate_stride];
            for (int64_t i = j; i < n; i++) {
                sum += d->dc[i * chunk + j] * places[i];
                dplaces[i] += d->dc[i * chunk + j] * rate[j * gate_stride];
            }
            drate[j * gate_stride] = sum;
        }
        return;
    }
    d->dc0[end] += d->dw_w;
    d->dc1[end] += d->dw_s;
    for (int64_t j = 0; j < n; j++) {
        d->dc[end * chunk + j] += d->dw_j[j];
        REAL sum = d->ds_j[j] * c->e[end * chunk + j];
        for (int64_t i = j; i < n; i++) sum += d->dc[i * chunk + j] * c->sums[i * chunk + j];
        drate[j * gate_stride] = sum;
    }
    // Row `end` of the running slopes of G and E; each row hands its own on to the one before.
    REAL *dsums = d->dsums, *de = d->de;
    for (int64_t j = 0; j < n; j++) {
        dsums[j] = 0;
        de[j] = d->ds_j[j] * rate[j * gate_stride];
    }
    REAL de0 = d->ds_s, dc0 = 0, dc1 = 0;
    for (int64_t i = end; i >= 0; i--) {
        const REAL keep = S(1) - forgetting[i * gate_stride], carry = momentum[i * gate_stride];
        REAL dkeep = 0, dcarry = 0;
        dc0 += d->dc0[i];
        dc1 += d->dc1[i];
        de0 += dc1;
        dkeep += dc0 * (i > 0 ? c->c0[i - 1] : S(1)) + (i > 0 ? dc1 * c->c1[i - 1] : S(0));
        dcarry += de0 * (i > 0 ? c->e0[i - 1] : S(1));
        for (int64_t j = 0; j <= i; j++) {
            dsums[j] += d->dc[i * chunk + j] * rate[j * gate_stride];
            de[j] += dsums[j];
            if (j == i) continue;
            dkeep += dsums[j] * c->sums[(i - 1) * chunk + j];
            dcarry += de[j] * c->e[(i - 1) * chunk + j];
            dsums[j] *= keep;
            de[j] *= carry;
        }
        dc0 *= keep;
        dc1 *= keep;
        de0 *= carry;
        dforgetting[i * gate_stride] = -dkeep;
        dmomentum[i * gate_stride] = dcarry;
    }
}

static void FN(fast_weights_backward)(const zk_fast_weights *shape, int64_t tokens, const REAL *q, const REAL *k,
                                      const REAL *v, int64_t stride, const REAL *rate, const REAL *momentum,
                                      const REAL *forgetting, int64_t gate_stride, const REAL *places, const REAL *gamma,
                                      const REAL *beta, const REAL *checkpoints, int32_t begins, const REAL *d_o,
                                      const REAL *dw_end, const REAL *ds_end, REAL *dq, REAL *dk, REAL *dv, REAL *drate,
                                      REAL *dmomentum, REAL *dforgetting, REAL *dplaces, REAL *dgamma, REAL *dbeta, REAL *dw,
                                      REAL *ds, REAL *workspace) {
    FN(fast_chunk) c = FN(fast_chunk_in)(shape, workspace);
    FN(fast_slopes) d = FN(fast_slopes_in)(&c, workspace + c.used);
    const int64_t chunk = c.chunk, top = c.layers - 1, saved = c.size * (places ? 1 : 2);
    EACH_VECTOR(i, c.size, {
        STORE(d.dw, dw_end ? LOAD(dw_end) : (V)(0));
        STORE(d.ds, ds_end ? LOAD(ds_end) : (V)(0));
    })
    int has_next = dw_end || ds_end;
    for (int64_t begin = (tokens - 1) / chunk * chunk; begin >= 0 && tokens > 0; begin -= chunk, has_next = 1) {
        const int64_t n = tokens - begin < chunk ? tokens - begin : chunk;
        const REAL *w = checkpoints + begin / chunk * saved, *s = w + c.size;
        const REAL *q_c = q + begin * stride, *k_c = k + begin * stride, *v_c = v + begin * stride;
        const REAL *rate_c = rate + begin * gate_stride;
        const REAL *momentum_c = places ? places : momentum + begin * gate_stride;
        const REAL *forgetting_c = places ? places : forgetting + begin * gate_stride;
        REAL *dq_c = dq + begin * stride, *dk_c = dk + begin * stride, *dv_c = dv + begin * stride;
        c.has_s = !places && (begin > 0 || !begins);
        FN(fast_coefficients)(n, 0, rate_c, momentum_c, forgetting_c, gate_stride, places, &c);
        FN(fast_learn)(shape, n, k_c, v_c, stride, w, gamma, beta, &c);
        FN(fast_read)(shape, n, q_c, stride, w, s, &c);
        for (int64_t l = 0; l <= top; l++) {
            FN(transpose)(c.in[l], c.out[l], 1, w + c.at[l], c.out[l], c.w_t + c.at[l], c.in[l]);
            FN(fast_zero)(n * c.in[l], d.da[l]);
            FN(fast_zero)(n * c.out[l], d.dg[l]);
            FN(fast_zero)(n * c.out[l], d.dz[l]);
        }
        FN(fast_zero)(chunk * chunk, d.dc);
        for (int64_t t = 0; t < n; t++) d.dc0[t] = d.dc1[t] = d.dw_j[t] = d.ds_j[t] = 0;
        d.dw_w = d.dw_s = d.ds_s = 0;

        // What the chunk left.
        if (has_next) {
            const REAL w_w = c.w_w, w_s = c.w_s, s_s = c.s_s;
            d.dw_w = FN(dot)(c.size, w, d.dw);
            EACH_VECTOR(i, c.size, STORE(d.dw_new, w_w * LOAD(d.dw));)
            if (c.has_s) {
                d.dw_s = FN(dot)(c.size, s, d.dw);
                d.ds_s = FN(dot)(c.size, s, d.ds);
                EACH_VECTOR(i, c.size, STORE(d.ds_new, w_s * LOAD(d.dw) + s_s * LOAD(d.ds));)
            }
            for (int64_t l = 0; l <= top; l++) {
                FN(fast_update_backward)(n, l, c.w_j, d.dw + c.at[l], d.dw_j, &c, &d);
                if (!places) FN(fast_update_backward)(n, l, c.s_j, d.ds + c.at[l], d.ds_j, &c, &d);
            }
        } else {
            FN(fast_zero)(c.size, d.dw_new);
            FN(fast_zero)(c.size, d.ds_new);
        }

        // What the queries read.
        FN(fast_output_backward)(shape, n, d_o + begin * stride, stride, gamma, dq_c, dgamma, dbeta, &c, &d);
        for (int64_t l = top; l >= 0; l--) {
            const int64_t in = c.in[l], out = c.out[l];
            FN(transpose)(n, out, 1, c.g[l], out, c.turned, chunk);
            FN(tile_product)(n, n, out, d.dy, out, 1, c.turned, chunk, 0, d.dp, chunk);
            for (int64_t i = 0; i < n; i++) {
                REAL *dp = d.dp + i * chunk, *dc = d.dc + i * chunk, *p = c.p[l] + i * chunk, *pair = c.c + i * chunk;
                for (int64_t j = 0; j <= i; j++) {
                    dc[j] -= dp[j] * p[j];
                    dp[j] *= -pair[j];
                }
                for (int64_t j = i + 1; j < n; j++) dp[j] = 0;
            }
            FN(tile_product)(n, out, n, c.m[l], 1, chunk, d.dy, out, 1, d.dg[l], out);
            FN(tile_product)(n, in, out, d.dy, out, 1, c.w_t + c.at[l], in, 0, d.dh, in);
            for (int64_t t = 0; t < n; t++) {
                REAL *row = d.dh + t * in, factor = c.c0[t];
                if (places) break;  // c0 = 1 always
                d.dc0[t] += FN(dot)(in, row, c.h[l] + t * in);
                EACH_VECTOR(i, in, STORE(row, factor * LOAD(row));)
            }
            FN(fast_scale_rows)(n, out, 1, c.c0, d.dy, c.temporary);
            FN(tile_product)(in, out, n, c.h[l], 1, in, c.temporary, out, 1, d.dw_new + c.at[l], out);
            if (c.has_s) {
                FN(transpose)(in, out, 1, s + c.at[l], out, d.s_t, in);
                FN(tile_product)(n, in, out, d.dy, out, 1, d.s_t, in, 0, d.other, in);
                for (int64_t t = 0; t < n; t++) {
                    REAL *row = d.dh + t * in, *from_s = d.other + t * in, factor = c.c1[t];
                    d.dc1[t] += FN(dot)(in, from_s, c.h[l] + t * in);
                    EACH_VECTOR(i, in, STORE(row, LOAD(row) + factor * LOAD(from_s));)
                }
                FN(fast_scale_rows)(n, out, 1, c.c1, d.dy, c.temporary);
                FN(tile_product)(in, out, n, c.h[l], 1, in, c.temporary, out, 1, d.ds_new + c.at[l], out);
            }
            FN(tile_product)(n, in, n, d.dp, chunk, 1, c.a[l], in, 1, d.dh, in);
            FN(tile_product)(n, in, n, d.dp, 1, chunk, c.h[l], in, 1, d.da[l], in);
            if (l > 0) {
                FN(fast_activation_backward)(n, c.out[l - 1], shape->gelu, 1, d.dh, in, c.y[l - 1], d.dy);
            } else {
                for (int64_t t = 0; t < n; t++) {
                    REAL *to = dq_c + t * stride, *from = d.dh + t * in;
                    EACH_VECTOR(i, shape->widths[0], STORE(to, LOAD(to) + LOAD(from));)
                }
            }
        }

        // The gradients of the inner loss: r_l = g_{l+1} W_{l+1}^T, g_l = r_l phi'(z_l).
        for (int64_t l = 0; l < top; l++) {
            const int64_t width = c.out[l], out = c.out[l + 1];
            REAL *dr = c.temporary, *dz = d.dz[l], *dg = d.dg[l], *z = c.z[l], *r = c.r[l];
            EACH_VECTOR(i, n * width, {
                STORE(dr, LOAD(dg) * FN(fast_activation)(1, shape->gelu, LOAD(z)));
                STORE(dz, LOAD(dg) * LOAD(r) * FN(fast_activation)(2, shape->gelu, LOAD(z)));
            })
            FN(tile_product)(n, out, width, dr, width, 1, w + c.at[l + 1], out, 1, d.dg[l + 1], out);
            FN(tile_product)(width, out, n, dr, 1, width, c.g[l + 1], out, 1, d.dw_new + c.at[l + 1], out);
        }
        FN(fast_loss_backward)(shape, n, k_c, v_c, stride, gamma, beta, dk_c, dv_c, dgamma, dbeta, &c, &d);

        // The activations of the keys.
        for (int64_t l = top; l >= 0; l--) {
            const int64_t in = c.in[l], out = c.out[l];
            FN(tile_product)(in, out, n, c.a[l], 1, in, d.dz[l], out, 1, d.dw_new + c.at[l], out);
            FN(tile_product)(n, in, out, d.dz[l], out, 1, c.w_t + c.at[l], in, 1, d.da[l], in);
            if (l > 0) {
                FN(fast_activation_backward)(n, c.out[l - 1], shape->gelu, 0, d.da[l], in, c.z[l - 1], d.dz[l - 1]);
            } else {
                for (int64_t t = 0; t < n; t++) {
                    REAL *to = dk_c + t * stride, *from = d.da[0] + t * in;
                    EACH_VECTOR(i, shape->widths[0], STORE(to, LOAD(to) + LOAD(from));)
                }
            }
        }
        FN(fast_coefficients_backward)(n, rate_c, momentum_c, forgetting_c, gate_stride, places,
                                       drate + begin * gate_stride, places ? dplaces : dmomentum + begin * gate_stride,
                                       places ? dplaces : dforgetting + begin * gate_stride, dplaces, &c, &d);
        REAL *previous = d.dw;
        d.dw = d.dw_new;
        d.dw_new = previous;
        previous = d.ds;
        d.ds = d.ds_new;
        d.ds_new = previous;
    }
    EACH_VECTOR(i, c.size, STORE(dw, LOAD(d.dw));)
    if (ds) {
        EACH_VECTOR(i, c.size, STORE(ds, LOAD(d.ds));)
    }
}
