// Which keys a tile of queries sees, and the queries themselves turned into lanes (included by the attention topics).

#define TILE_QUERIES 64
#define TILE_KEYS 64
/// So few queries go key by key instead: padding them to a vector of lanes would cost more.
#define FEW_QUERIES 4

#ifndef TILE_RANGE
#define TILE_RANGE
/// The row's two ranges clipped to [0, keys), and made one where they overlap or touch; an empty one is [0, 0).
static inline zk_visibility clipped_visibility(zk_visibility row, int64_t keys) {
    zk_visibility clipped = {{0, 0}, {0, 0}};
    for (int range = 0; range < 2; range++) {
        int64_t begin = row.begin[range] < 0 ? 0 : row.begin[range];
        int64_t end = row.end[range] > keys ? keys : row.end[range];
        if (begin >= end) continue;
        clipped.begin[range] = (int32_t)begin;
        clipped.end[range] = (int32_t)end;
    }
    if (clipped.begin[0] < clipped.end[0] && clipped.begin[1] < clipped.end[1] && clipped.begin[1] <= clipped.end[0]
        && clipped.begin[0] <= clipped.end[1]) {
        if (clipped.begin[1] < clipped.begin[0]) clipped.begin[0] = clipped.begin[1];
        if (clipped.end[1] > clipped.end[0]) clipped.end[0] = clipped.end[1];
        clipped.begin[1] = clipped.end[1] = 0;
    }
    return clipped;
}

/// Keys [begin, end) of the tile at hand. `whole`: every query sees every key. Otherwise the keys that any query of
/// a group of LANES sees lie in [first, last), counted from `begin`, and `full` says that all of them see all of these.
typedef struct tile_range {
    int64_t begin, end;
    int whole, full[TILE_QUERIES / 8];
    int64_t first[TILE_QUERIES / 8], last[TILE_QUERIES / 8];
} tile_range;
#endif

/// The visible ranges of one group of LANES queries, clipped to the keys there are. Lanes behind the last query copy it,
/// so that they never make a tile partial; nothing reads what they compute.
typedef struct {
    VI begin[2], end[2];
    int64_t hull_begin, hull_end;    // every key that any lane sees lies here
    int64_t core_begin[2], core_end[2];  // what all lanes see in their first (second) range
} FN(lanes_seen);

INLINE int FN(any_lane)(VI mask) {
    INTEGER any = 0;
#pragma unroll
    for (int lane = 0; lane < LANES; lane++) any |= mask[lane];
    return any != 0;
}

INLINE VI FN(visible)(const FN(lanes_seen) *seen, int64_t key) {
    VI at = (VI)((INTEGER)key);
    return (((at >= seen->begin[0]) & (at < seen->end[0])) | ((at >= seen->begin[1]) & (at < seen->end[1])));
}

static __attribute__((unused)) void FN(gather_visibility)(int64_t queries, int64_t groups, int64_t keys,
                                                          const zk_visibility *visibility, FN(lanes_seen) *seen) {
    for (int64_t g = 0; g < groups; g++) {
        FN(lanes_seen) group = {.hull_begin = INT64_MAX, .core_end = {keys, keys}};
        for (int lane = 0; lane < LANES; lane++) {
            zk_visibility row = clipped_visibility(visibility[g * LANES + lane < queries ? g * LANES + lane : queries - 1], keys);
            for (int range = 0; range < 2; range++) {
                const int64_t begin = row.begin[range], end = row.end[range];
                group.begin[range][lane] = (INTEGER)begin;
                group.end[range][lane] = (INTEGER)end;
                group.core_begin[range] = begin > group.core_begin[range] ? begin : group.core_begin[range];
                group.core_end[range] = end < group.core_end[range] ? end : group.core_end[range];
                if (begin == end) continue;
                group.hull_begin = begin < group.hull_begin ? begin : group.hull_begin;
                group.hull_end = end > group.hull_end ? end : group.hull_end;
            }
        }
        seen[g] = group;
    }
}

/// The keys of [begin, end) that any lane of the group sees, counted from `begin`; 1 when every lane sees all of these.
INLINE int FN(group_range)(const FN(lanes_seen) *group, int64_t begin, int64_t end, int64_t *first, int64_t *last) {
    for (int range = 0; range < 2; range++) {
        if (group->core_begin[range] <= begin && end <= group->core_end[range]) {
            *first = 0;
            *last = end - begin;
            return 1;
        }
    }
    int64_t low = INT64_MAX, high = 0, least = INT64_MAX;
    for (int lane = 0; lane < LANES; lane++) {
        int64_t covered = 0;
        for (int range = 0; range < 2; range++) {
            int64_t from = group->begin[range][lane], to = group->end[range][lane];
            from = from < begin ? begin : from;
            to = to > end ? end : to;
            if (from >= to) continue;
            covered += to - from;
            low = from < low ? from : low;
            high = to > high ? to : high;
        }
        least = covered < least ? covered : least;
    }
    *first = low < high ? low - begin : 0;
    *last = low < high ? high - begin : 0;
    return least == *last - *first;
}

/// Moves `tile` to the next one that any query sees something of; starts from a zeroed one. 0 at the end.
static __attribute__((unused)) int FN(next_tile)(int64_t groups, const FN(lanes_seen) *seen, tile_range *tile) {
    int64_t hull_begin = INT64_MAX, hull_end = 0;
    for (int64_t g = 0; g < groups; g++) {
        hull_begin = seen[g].hull_begin < hull_begin ? seen[g].hull_begin : hull_begin;
        hull_end = seen[g].hull_end > hull_end ? seen[g].hull_end : hull_end;
    }
    int64_t begin = tile->end;
    if (begin == 0 && hull_begin < hull_end) begin = hull_begin / TILE_KEYS * TILE_KEYS;
    for (; begin < hull_end; begin += TILE_KEYS) {
        int64_t end = begin + TILE_KEYS < hull_end ? begin + TILE_KEYS : hull_end;
        int any = 0, whole = 1;
        for (int64_t g = 0; g < groups; g++) {
            tile->full[g] = FN(group_range)(&seen[g], begin, end, &tile->first[g], &tile->last[g]);
            any |= tile->first[g] < tile->last[g];
            whole &= tile->full[g] && tile->last[g] - tile->first[g] == end - begin;
        }
        if (any) {
            tile->begin = begin;
            tile->end = end;
            tile->whole = whole;
            return 1;
        }
    }
    return 0;
}

/// packed[K][64] = factor * q transposed; zeros in the lanes behind the last query.
static __attribute__((unused)) void FN(pack_queries)(int64_t queries, int64_t lanes, int64_t width, REAL factor,
                                                     const REAL *q, int64_t q_stride, REAL *packed) {
    FN(transpose)(queries, width, factor, q, q_stride, packed, TILE_QUERIES);
    for (int64_t c = 0; c < width && queries < lanes; c++) {
        for (int64_t r = queries; r < lanes; r++) packed[c * TILE_QUERIES + r] = 0;
    }
}
