/*
 * probing.c: the honest bigram plugin with probes of many signatures, and with some whose self-test or declaration is wrong in
 * ways that a host must name or survive. -DFAULT_... gives it a table that cannot be believed.
 */
#define sm_plugin_query honest_query
#include "bigram.c"
#undef sm_plugin_query

#include <math.h>
#include <unistd.h>

/* ---- Honest ones ---- */

/* id->id */
static int32_t add(sm_instance *instance, int64_t i, double d, int64_t *doubled, double *halved, sm_error *error) {
    (void)instance, (void)error;
    *doubled = 2 * i;
    *halved = d / 2;
    return SM_OK;
}

/* T->id: the sum, and how many values it is of */
static int32_t sum(sm_instance *instance, const sm_tensor *t, int64_t *count, double *total, sm_error *error) {
    (void)instance;
    if (t->scalar_type != SM_FLOAT64) return fail(error, SM_INVALID_ARGUMENT, "float64 is needed");
    *count = 1;
    for (int32_t i = 0; i < t->rank; i++) *count *= t->shape[i];
    *total = 0;
    for (int64_t i = 0; i < *count; i++) *total += ((const double *)t->data)[i];
    return SM_OK;
}

/* BW->: how often each symbol stands in the batch, [V] */
static int32_t counts(sm_instance *instance, const sm_batch *batch, const sm_tensor *w, sm_error *error) {
    double *values = w->data;
    if (w->rank != 1 || w->shape[0] != instance->vocabulary || w->scalar_type != SM_FLOAT64)
        return fail(error, SM_INVALID_ARGUMENT, "the tensor does not fit");
    memset(values, 0, sizeof(double) * instance->vocabulary);
    for (uint64_t i = 0; i < batch->rows * batch->length; i++) values[batch->tokens[i]] += 1;
    return SM_OK;
}

/* B->d */
static int32_t mean_symbol(sm_instance *instance, const sm_batch *batch, double *mean, sm_error *error) {
    (void)instance, (void)error;
    uint64_t count = batch->rows * batch->length;
    *mean = 0;
    for (uint64_t i = 0; i < count; i++) *mean += batch->tokens[i] / (double)count;
    return SM_OK;
}

/* B->d: combined as minimum and maximum */
static int32_t lowest(sm_instance *instance, const sm_batch *batch, double *symbol, sm_error *error) {
    (void)instance, (void)error;
    *symbol = batch->tokens[0];
    for (uint64_t i = 0; i < batch->rows * batch->length; i++)
        if (batch->tokens[i] < *symbol) *symbol = batch->tokens[i];
    return SM_OK;
}

static int32_t highest(sm_instance *instance, const sm_batch *batch, double *symbol, sm_error *error) {
    (void)instance, (void)error;
    *symbol = batch->tokens[0];
    for (uint64_t i = 0; i < batch->rows * batch->length; i++)
        if (batch->tokens[i] > *symbol) *symbol = batch->tokens[i];
    return SM_OK;
}

/* iWTdBW->di: two tensors written, everything in between */
static int32_t everything(sm_instance *instance, int64_t i, const sm_tensor *first, const sm_tensor *t, double d,
                          const sm_batch *batch, const sm_tensor *second, double *product, int64_t *tokens, sm_error *error) {
    (void)error;
    *(double *)first->data = (double)i + d;
    for (uint32_t k = 0; k < 2; k++) ((double *)second->data)[k] = ((const double *)t->data)[k] + instance->parameters[BIAS][k];
    *product = (double)i * d;
    *tokens = (int64_t)(batch->rows * batch->length);
    return SM_OK;
}

/* dddddddddddd->d: more than registers hold */
static int32_t many(sm_instance *instance, double a, double b, double c, double d, double e, double f, double g, double h,
                    double i, double j, double k, double l, double *x, sm_error *error) {
    (void)instance, (void)error;
    *x = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l;
    return SM_OK;
}

/* i->i: refuses what is negative */
static int32_t root(sm_instance *instance, int64_t i, int64_t *root, sm_error *error) {
    (void)instance;
    if (i < 0) return fail(error, SM_INVALID_ARGUMENT, "i is %lld; allowed: 0 or more", (long long)i);
    *root = (int64_t)sqrt((double)i);
    return SM_OK;
}

/* ->d: a parameter, to see which values a self-test binds */
static int32_t first_value(sm_instance *instance, double *value, sm_error *error) {
    (void)error;
    *value = instance->parameters[OUTPUT][1];
    return SM_OK;
}

/* ---- Others ---- */

/* Declared as i->d: the number is taken for an address. */
static int32_t dereferences(sm_instance *instance, const double *d, double *x, sm_error *error) {
    (void)instance, (void)error;
    *x = *d;
    return SM_OK;
}

static int32_t hangs(sm_instance *instance, double *x, sm_error *error) {
    (void)instance, (void)x, (void)error;
    for (;;) pause();
}

static int32_t leaves(sm_instance *instance, double *x, sm_error *error) {
    (void)instance, (void)x, (void)error;
    _exit(0);
}

/* BW->: one value too many */
static int32_t overflows(sm_instance *instance, const sm_batch *batch, const sm_tensor *w, sm_error *error) {
    (void)instance, (void)batch, (void)error;
    for (int k = 0; k < 3; k++) ((double *)w->data)[k] = 1;
    return SM_OK;
}

#define CAST(f) ((void (*)(void))(f))
#define TOKENS "{\"rows\":1,\"length\":3,\"tokens\":[1,1,3]}"
#define SMALL "\"configuration\":{\"vocab_size\":5,\"hidden_size\":3}"

static const sm_probe all_probes[] = {
    {sizeof(sm_probe), 0, "add", "Twice a whole number and half a number.", "id->id",
     "{\"arguments\":[3,5.0],\"results\":[6,2.5]}", CAST(add)},
    {sizeof(sm_probe), 0, "sum", "", "T->id", "{\"arguments\":[{\"shape\":[2,2],\"values\":[1,2,3,4.5]}],\"results\":[4,10.5]}", CAST(sum)},
    {sizeof(sm_probe), 0, "counts", "How often each symbol stands in the text.", "BW->",
     "{" SMALL ",\"arguments\":[" TOKENS ",null],\"written\":[[0,2,0,1,0]]}", CAST(counts)},
    {sizeof(sm_probe), 0, "mean_symbol", "", "B->d", "{" SMALL ",\"arguments\":[" TOKENS "],\"results\":[1.6666667]}", CAST(mean_symbol)},
    {sizeof(sm_probe), 0, "everything", "", "iWTdBW->di",
     "{" SMALL ",\"arguments\":[2,null,{\"shape\":[2],\"values\":[10,20]},0.5," TOKENS ",null],"
     "\"results\":[1,3],\"written\":[[2.5],[10.0836779,20.4600130]]}", CAST(everything)},
    {sizeof(sm_probe), 0, "many", "", "dddddddddddd->d",
     "{\"arguments\":[1,1,1,1,1,1,1,1,1,1,1,1],\"results\":[78]}", CAST(many)},
    {sizeof(sm_probe), 0, "root", "", "i->i", "{\"arguments\":[17],\"results\":[4]}", CAST(root)},
    {sizeof(sm_probe), 0, "first_value", "", "->d", "{" SMALL ",\"results\":[0.4999559],\"arguments\":[]}", CAST(first_value)},
    {sizeof(sm_probe), 0, "lowest", "", "B->d", "{" SMALL ",\"arguments\":[" TOKENS "],\"results\":[1]}", CAST(lowest)},
    {sizeof(sm_probe), 0, "highest", "", "B->d", "{" SMALL ",\"arguments\":[" TOKENS "],\"results\":[3]}", CAST(highest)},
    /* From here on: not to be called. */
    {sizeof(sm_probe), 0, "lies", "", "id->id", "{\"arguments\":[3,5.0],\"results\":[6,2.6]}", CAST(add)},
    {sizeof(sm_probe), 0, "dereferences", "", "i->d", "{\"arguments\":[3],\"results\":[0]}", CAST(dereferences)},
    {sizeof(sm_probe), 0, "hangs", "", "->d", "{\"arguments\":[],\"results\":[0]}", CAST(hangs)},
    {sizeof(sm_probe), 0, "leaves", "", "->d", "{\"arguments\":[],\"results\":[0]}", CAST(leaves)},
    {sizeof(sm_probe), 0, "overflows", "", "BW->", "{" SMALL ",\"arguments\":[" TOKENS ",null],\"written\":[[1,1]]}", CAST(overflows)},
    {sizeof(sm_probe), 0, "refuses", "", "i->i", "{\"arguments\":[-1],\"results\":[4]}", CAST(root)},
    {sizeof(sm_probe), 0, "future", "Of a later version.", "Sd->d", "{}", CAST(root)},
    {sizeof(sm_probe), 0, "no_arrow", "", "id", "{}", CAST(root)},
    {sizeof(sm_probe), 0, "too_many", "", "ddddddddddddd->d", "{}", CAST(root)},
    {sizeof(sm_probe), 0, "untested", "", "i->i", NULL, CAST(root)},
    {sizeof(sm_probe), 0, "badly_tested", "", "i->i", "{\"arguments\":[}", CAST(root)},
    {sizeof(sm_probe), 0, "miscounted", "", "i->i", "{\"arguments\":[1,2],\"results\":[4]}", CAST(root)},
    {sizeof(sm_probe), 0, "null", "", "i->i", "{}", NULL},
    {sizeof(sm_probe), 0, "add", "", "i->i", "{}", CAST(root)},
    {sizeof(sm_probe), 0, "A name", "", "i->i", "{}", CAST(root)},
    {sizeof(sm_probe), 0, "escapes", "\x1B[31m", "i->i", "{}", CAST(root)},
    {sizeof(sm_probe), 0, "broken", "\xFF", "i->i", "{}", CAST(root)},
};
#define COUNT (sizeof all_probes / sizeof *all_probes)

static int32_t describe_probe(uint32_t index, sm_probe *probe, sm_error *error) {
#ifdef FAULT_MANY
    index = index % COUNT;
#endif
    if (index >= COUNT) return fail(error, SM_NOT_FOUND, "there is no probe %u", index);
    uint32_t size = probe->struct_size;
    *probe = all_probes[index];
    probe->struct_size = size;
    return SM_OK;
}

static int32_t outputs(sm_instance *instance, uint32_t index, const sm_writer *json, sm_error *error) {
    char text[512] = "[{}]";
    const char *name = index < COUNT ? all_probes[index].name : "";
    if (index >= COUNT) return fail(error, SM_NOT_FOUND, "there is no probe %u", index);
    if (strcmp(name, "counts") == 0)
        snprintf(text, sizeof text, "[{\"axes\":[\"symbol\"],\"extents\":[%u],\"unit\":\"times\",\"combine\":\"sum\"}]",
#ifdef FAULT_EXTENT
                 0 * instance->vocabulary);
#else
                 instance->vocabulary);
#endif
    if (strcmp(all_probes[index].signature, "id->id") == 0 || strcmp(all_probes[index].signature, "T->id") == 0)
        snprintf(text, sizeof text, "[{},{}]");
    if (strcmp(name, "lowest") == 0) snprintf(text, sizeof text, "[{\"combine\":\"minimum\"}]");
    if (strcmp(name, "highest") == 0) snprintf(text, sizeof text, "[{\"combine\":\"maximum\"}]");
    if (strcmp(name, "everything") == 0)
        snprintf(text, sizeof text, "[{},{\"axes\":[\"k\"],\"extents\":[2],\"labels\":[[\"a\",\"b\"]]},{},{}]");
    if (strcmp(name, "overflows") == 0) snprintf(text, sizeof text, "[{\"axes\":[\"k\"],\"extents\":[2]}]");
    int32_t status = json->write(json->context, text, strlen(text));
    return status == SM_OK ? SM_OK : fail(error, status, "the writer refused");
}

static const sm_probes probes_table = {
    sizeof(sm_probes),
#ifdef FAULT_MANY
    65,
#else
    COUNT,
#endif
#ifdef FAULT_NO_DESCRIBE
    NULL,
#else
    describe_probe,
#endif
#ifdef FAULT_NO_OUTPUTS
    NULL,
#else
    outputs,
#endif
};

static const void *probing_extension(uint32_t model, const char *id) {
    if (model == 0 && strcmp(id, SM_PROBES_1) == 0) return &probes_table;
    return extension(model, id);
}

SM_EXPORT const sm_plugin *sm_plugin_query(const sm_host_info *host, sm_error *error) {
    static sm_plugin table;
    const sm_plugin *honest = honest_query(host, error);
    if (!honest) return NULL;
    table = *honest;
    table.extension = probing_extension;
    return &table;
}
