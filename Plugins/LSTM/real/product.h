/*
 * product.h: blocked matrix products C[M, N] = start + A[M, K] B[K, N].
 *
 * B is packed once into panels of PANEL columns [panel][K][PANEL], so that the inner loop reads it front to back; then
 * any rows of C can be computed by anybody. A is packed in small pieces on the way. Within a row of C the additions have
 * the same order whatever rows are computed together. Goto and van de Geijn 2008, without its outermost loops.
 */

enum { PANEL = LANES * TILE_VECTORS, DEPTH = 256, ROWS_AT_ONCE = 24 };

/* A matrix of which element (i, j) stands at values[i * row + j * column]; one of the two is 1. */
typedef struct operand {
    const REAL *values;
    uint64_t row, column;
} operand;

typedef struct product {
    const sm_instance *instance;
    operand a;         /* [M, K] */
    const REAL *panels; /* B packed */
    REAL *c;           /* [M, N], rows `stride` apart */
    uint64_t stride;
    uint64_t m, n, k;
    const REAL *bias; /* [N]: what C starts from, unless it is added to; null: zero */
    int adds;
} product;

static uint64_t panel_count(uint64_t n) { return (n + PANEL - 1) / PANEL; }
static uint64_t packed_size(uint64_t k, uint64_t n) { return panel_count(n) * PANEL * k; }

static void pack_panel(const operand *b, uint64_t k, uint64_t n, uint64_t panel, REAL *target) {
    uint64_t first = panel * PANEL, columns = smaller(PANEL, n - first);
    const REAL *from = b->values + first * b->column;
    target += panel * PANEL * k;
    if (columns < PANEL) memset(target, 0, k * PANEL * sizeof(REAL));
    if (b->column == 1) {
        for (uint64_t i = 0; i < k; i++) memcpy(target + i * PANEL, from + i * b->row, columns * sizeof(REAL));
    } else {
        for (uint64_t i = 0; i < k; i++)
            for (uint64_t j = 0; j < columns; j++) target[i * PANEL + j] = from[j * b->column + i * b->row];
    }
}

typedef struct packing {
    const sm_instance *instance;
    operand b;
    uint64_t k, n;
    REAL *target;
} packing;

static void pack_task(void *argument, uint64_t panel) {
    const packing *p = argument;
    pack_panel(&p->b, p->k, p->n, panel, p->target);
}

/* Packs B [K, N] into target[packed_size(k, n)]. */
static void pack(const sm_instance *instance, operand b, uint64_t k, uint64_t n, REAL *target) {
    packing p = {instance, b, k, n, target};
    run_parallel(instance, panel_count(n), pack_task, &p);
}

/* rows x PANEL numbers of C from a[k][rows] and b[k][PANEL]; `rows` is a constant where this is inlined. */
INLINE void tile(const uint64_t rows, uint64_t k, const REAL *restrict a, const REAL *restrict b, REAL *restrict c,
                 uint64_t stride, uint64_t columns, const REAL *bias, int adds) {
    vector sum[TILE_ROWS][TILE_VECTORS] = {{{0}}};
    for (uint64_t step = 0; step < k; step++, a += rows, b += PANEL)
        for (int v = 0; v < TILE_VECTORS; v++) {
            vector right = *(const vector *)(b + v * LANES);
            for (uint64_t i = 0; i < rows; i++) sum[i][v] += a[i] * right;
        }
    for (uint64_t i = 0; i < rows; i++)
        for (int v = 0; v < TILE_VECTORS && (uint64_t)v * LANES < columns; v++) {
            uint64_t left = columns - (uint64_t)v * LANES;
            REAL *place = c + i * stride + v * LANES;
            vector start = adds ? load(place, left) : bias ? load(bias + v * LANES, left) : (vector){0};
            store(place, start + sum[i][v], left);
        }
}

static void tile_of(uint64_t rows, uint64_t k, const REAL *a, const REAL *b, REAL *c, uint64_t stride, uint64_t columns,
                    const REAL *bias, int adds) {
    switch (rows) {
    case 1: tile(1, k, a, b, c, stride, columns, bias, adds); break;
    case 2: tile(2, k, a, b, c, stride, columns, bias, adds); break;
    case 3: tile(3, k, a, b, c, stride, columns, bias, adds); break;
#if TILE_ROWS > 4
    case 4: tile(4, k, a, b, c, stride, columns, bias, adds); break;
    case 5: tile(5, k, a, b, c, stride, columns, bias, adds); break;
#endif
    default: tile(TILE_ROWS, k, a, b, c, stride, columns, bias, adds); break;
    }
}

/* Packs rows of A as [group of TILE_ROWS rows][k][row of the group]. */
static void pack_rows(const operand *a, uint64_t first, uint64_t rows, uint64_t begin, uint64_t k, REAL *target) {
    for (uint64_t group = 0; group < rows; group += TILE_ROWS) {
        uint64_t count = smaller(TILE_ROWS, rows - group);
        const REAL *from = a->values + (first + group) * a->row + begin * a->column;
        for (uint64_t i = 0; i < count; i++)
            for (uint64_t step = 0; step < k; step++) target[step * count + i] = from[i * a->row + step * a->column];
        target += count * k;
    }
}

/* Rows first ..< first + rows (at most ROWS_AT_ONCE) of C. */
static void product_rows(const product *p, uint64_t first, uint64_t rows) {
    _Alignas(64) REAL packed[ROWS_AT_ONCE * DEPTH];
    for (uint64_t begin = 0; begin < p->k; begin += DEPTH) {
        uint64_t k = smaller(DEPTH, p->k - begin);
        pack_rows(&p->a, first, rows, begin, k, packed);
        for (uint64_t column = 0; column < p->n; column += PANEL) {
            const REAL *b = p->panels + column * p->k + begin * PANEL;
            for (uint64_t group = 0; group < rows; group += TILE_ROWS)
                tile_of(smaller(TILE_ROWS, rows - group), k, packed + group * k, b,
                        p->c + (first + group) * p->stride + column, p->stride, p->n - column,
                        p->bias ? p->bias + column : NULL, p->adds || begin > 0);
        }
    }
}

static void product_task(void *argument, uint64_t index) {
    const product *p = argument;
    if (is_cancelled(p->instance)) return;
    product_rows(p, index * ROWS_AT_ONCE, smaller(ROWS_AT_ONCE, p->m - index * ROWS_AT_ONCE));
}

/* All of C. SM_CANCELLED leaves it undefined. */
static int32_t multiply(const product *p) {
    run_parallel(p->instance, (p->m + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, product_task, (void *)p);
    return is_cancelled(p->instance) ? SM_CANCELLED : SM_OK;
}
