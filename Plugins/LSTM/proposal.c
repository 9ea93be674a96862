/* proposal.c: a configuration for a number of parameters: as deep as suits the size, as wide as meets it. */
#include "configuration.h"
#include "exchange.h"

#include <math.h>

/* V D + L layers of G (D or H) H + G H H + 2 G H + the head V H. */
double parameter_total(architecture model, const configuration *c) {
    double vocabulary = (double)c->vocabulary, hidden = (double)c->hidden, embedding = (double)c->embedding;
    double gates = (double)gate_count(model) * hidden, layers = (double)c->layers;
    return vocabulary * embedding + (c->tied ? 0 : vocabulary * hidden) +
           gates * (embedding + (layers - 1) * hidden + layers * (hidden + 2));
}

static configuration sized(int64_t vocabulary, int64_t hidden, int64_t embedding, int64_t layers) {
    return (configuration){vocabulary, hidden, embedding, layers, 0};
}

/* The widest hidden size whose model has at most `wanted` parameters, at least 1. */
static int64_t widest(architecture model, int64_t vocabulary, int64_t layers, double wanted) {
    int64_t low = 1, high = LARGEST_WIDTH;
    while (low < high) {
        int64_t middle = (low + high + 1) / 2;
        configuration c = sized(vocabulary, middle, middle, layers);
        if (parameter_total(model, &c) <= wanted)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static int64_t clamped(int64_t width) { return width < 1 ? 1 : width > LARGEST_WIDTH ? LARGEST_WIDTH : width; }

/* Widths that suit the hardware first: a multiple of 64 within 2 % is better than one of 8 that is nearer. With few
 * parameters and many symbols the embedding's width goes the rest of the way. */
int32_t propose_configuration(architecture model, const sm_budget *budget, configuration *best, sm_error *error) {
    static const int64_t granules[] = {64, 32, 16, 8, 4, 2, 1};
    int64_t vocabulary = budget->alphabet;
    double wanted = (double)budget->parameters, smallest_error = INFINITY;
    if (vocabulary < 1 || vocabulary > LARGEST_VOCABULARY)
        return fail(error, SM_INVALID_ARGUMENT, "alphabet is %u; allowed: 1 to %d", budget->alphabet, LARGEST_VOCABULARY);
    for (int64_t layers = wanted < 3e7 ? 2 : 3; layers >= 1 && smallest_error > 0.05; layers--) {
        int64_t width = widest(model, vocabulary, layers, wanted);
        for (int i = 0; i < 7 && smallest_error > 0.02; i++)
            for (int64_t step = 0; step <= 1; step++)
                for (int64_t change = -2; change <= 2; change++) {
                    int64_t hidden = clamped((width / granules[i] + step) * granules[i]);
                    int64_t embedding = granules[i] == 1 ? clamped(hidden + change) : hidden;
                    configuration c = sized(vocabulary, hidden, embedding, layers);
                    double off = fabs(parameter_total(model, &c) / wanted - 1);
                    if (off >= smallest_error) continue;
                    smallest_error = off;
                    *best = c;
                }
    }
    if (smallest_error <= 0.05) return SM_OK;
    configuration least = sized(vocabulary, 1, 1, 1), most = sized(vocabulary, LARGEST_WIDTH, LARGEST_WIDTH, 3);
    return fail(error, SM_INVALID_ARGUMENT,
                "no configuration of %s has %llu parameters within 5 %% for %u symbols; smallest possible: %.0f, "
                "nearest: %.0f, largest possible: %.0f",
                architecture_id(model), (unsigned long long)budget->parameters, budget->alphabet,
                parameter_total(model, &least), smallest_error < INFINITY ? parameter_total(model, best) : 0,
                parameter_total(model, &most));
}
