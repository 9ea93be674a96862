/* handshake.c: the table, the descriptions, and what is answered to hosts of other versions. */
#define OWN_QUERY
#include "honest.h"

#if defined(FAULT_SLOW)
#include <unistd.h>
#endif

static int32_t faulty_describe(uint32_t model, sm_description *description, sm_error *error) {
#if defined(FAULT_ANY_MODEL) || defined(FAULT_DUPLICATE_IDS)
    model = 0;
#endif
    int32_t status = named_describe(model, description, error);
#if defined(FAULT_OTHER_EACH_TIME)
    static char summary[32];
    snprintf(summary, sizeof summary, "Asked %u times.", queries);
    description->summary = summary;
#elif defined(FAULT_NAME_NOT_UTF8)
    description->name = "Bi\xFFgram";
#elif defined(FAULT_ID_CHARACTERS)
    description->id = "Hostile Bigram";
#elif defined(FAULT_LIKELIHOOD)
    description->likelihood = 7;
#elif defined(FAULT_PROMISES_GENERATION)
    description->capabilities |= SM_GENERATES;
#elif defined(FAULT_NOT_PREDICTED)
    description->capabilities &= ~SM_SESSION;
#endif
    return status;
}

static const void *faulty_extension(uint32_t model, const char *id) {
#if defined(FAULT_PREFIX_MATCH)
    if (strncmp(id, SM_TRAIN_1, strlen(SM_TRAIN_1)) == 0) return &training;
#elif defined(FAULT_ANY_EXTENSION)
    if (armed_extension(model, id) == NULL) return &training;
#endif
    return armed_extension(model, id);
}

/* A minor version from the future: a longer table, which an older host reads as far as it knows. */
static struct {
    sm_plugin known;
    void *later[64];
} grown;

SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *host, sm_error *error) {
#if defined(FAULT_SLOW)
    usleep(300000);
#elif defined(FAULT_NO_TABLE)
    UNUSED(host), UNUSED(error);
    return NULL;
#endif
#if defined(FAULT_ANY_HOST)
    UNUSED(host);
    const sm_plugin *honest = honest_query(NULL, error);
#elif defined(FAULT_EXACT_HOST)
    const sm_plugin *honest = host && host->struct_size == sizeof *host ? honest_query(host, error) : NULL;
#else
    const sm_plugin *honest = honest_query(host, error);
#endif
    if (!armed(honest)) return NULL;
    grown.known = table;
#if defined(FAULT_MAJOR_9)
    grown.known.abi_major = 9;
#elif defined(CONTROL_MINOR_99)
    grown.known.abi_minor = 99;
    grown.known.struct_size = sizeof grown;
    memset(grown.later, 0x5A, sizeof grown.later);
#elif defined(FAULT_TABLE_SMALL)
    grown.known.struct_size = 16;
#elif defined(FAULT_MAGIC)
    grown.known.magic ^= 1;
#elif defined(FAULT_NULL_SLOT)
    grown.known.bind = NULL;
#elif defined(FAULT_NULL_CREATE)
    grown.known.create = NULL;
#elif defined(FAULT_MODELS_ABSURD)
    grown.known.model_count = 4000000000u;
#elif defined(FAULT_DUPLICATE_IDS) /* describe must answer for both */
    grown.known.model_count = 2;
#elif defined(FAULT_TABLE_CHANGES)
    grown.known.model_count = 1;
    if (queries > 1) grown.known.version = "9.9.9";
#elif defined(FAULT_WILD_TABLE)
    return (const sm_plugin *)(uintptr_t)64;
#endif
    return &grown.known;
}

static void arm(void) {
    table.describe = faulty_describe;
    table.extension = faulty_extension;
}
