/*
 * honest.h: the honest bigram plugin, its tables writable. A hostile file includes this first and then defines arm(), which replaces
 * functions in `table`, `training`, `scores` and `sessions`; everything else stays honest.
 */
#include "sequence_model.h"

#undef SM_EXPORT
#define SM_EXPORT static
#define sm_plugin_query honest_query
#include "../bigram.c"
#undef sm_plugin_query
#undef SM_EXPORT
#define SM_EXPORT __attribute__((visibility("default")))

#define UNUSED(x) (void)(x)

/* Memory that nobody gives back; what is volatile no compiler takes away. */
__attribute__((unused)) static void leak(size_t count) {
    static void *volatile last;
    last = malloc(count);
    if (last) memset(last, 1, count);
}

static sm_plugin table;
static sm_train training;
static sm_score scores;
static sm_session_table sessions;
static uint32_t queries; /* how often the plugin was asked for its table */

static void arm(void);

static int32_t named_describe(uint32_t model, sm_description *description, sm_error *error) {
    int32_t status = describe(model, description, error);
    if (status == SM_OK && description->struct_size >= offsetof(sm_description, id) + sizeof description->id) description->id = HOSTILE_ID;
    return status;
}

static const void *armed_extension(uint32_t model, const char *id) {
    const void *honest = extension(model, id);
    return honest == &train_table ? &training : honest == &score_table ? &scores : honest == &session_table ? &sessions : honest;
}

static const sm_plugin *armed(const sm_plugin *honest) {
    if (!honest) return NULL;
    queries++;
    table = *honest;
    training = train_table;
    scores = score_table;
    sessions = session_table;
    table.describe = named_describe;
    table.extension = armed_extension;
    arm();
    return &table;
}

#ifndef OWN_QUERY
SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *host, sm_error *error) { return armed(honest_query(host, error)); }
#endif
