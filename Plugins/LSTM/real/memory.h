/* memory.h: the buffers of one call in one block: laid out twice, first to learn the size, then for good. */

typedef struct block {
    char *base; /* null: only the size counts */
    uint64_t size;
} block;

static void *take_bytes(block *memory, uint64_t bytes) {
    void *place = memory->base ? memory->base + memory->size : NULL;
    memory->size += (bytes + 63) / 64 * 64;
    return place;
}

static REAL *take_reals(block *memory, uint64_t count) { return take_bytes(memory, count * sizeof(REAL)); }

/* What was only counted so far becomes memory. Returns 0 when there is none. */
static int obtain(block *memory) {
    memory->base = memory->size <= (uint64_t)1 << 46 ? aligned_alloc(64, memory->size ? memory->size : 64) : NULL;
    memory->size = 0;
    return memory->base != NULL;
}

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }
