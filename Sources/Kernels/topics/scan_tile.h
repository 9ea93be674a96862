// Shared by the selective scan's two directions: a tile is one vector of channels, its state [N][LANES].

#define SCAN_CHUNK 32
/// Tokens that memory is asked for ahead.
#define SCAN_AHEAD 4

/// [channel][N] of memory to [N][LANES] of a tile, zeros in the lanes behind `count`, and back.
INLINE void FN(scan_gather)(int64_t count, int64_t states, int64_t stride, const REAL *from, REAL *tile) {
    for (int64_t n = 0; n < states; n++) {
        for (int64_t lane = 0; lane < LANES; lane++) tile[n * LANES + lane] = lane < count ? from[lane * stride + n] : 0;
    }
}
INLINE void FN(scan_spread)(int64_t count, int64_t states, int64_t stride, const REAL *tile, REAL *to) {
    for (int64_t lane = 0; lane < count; lane++) {
        for (int64_t n = 0; n < states; n++) to[lane * stride + n] = tile[n * LANES + lane];
    }
}
