/* Arithmetic that every host needs and the interface leaves to it: random numbers, AdamW, drawing a symbol. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* From 0 to below 1. SplitMix64 (doi:10.1145/2660193.2660195, figure 16). */
static inline double uniform(void) {
    static uint64_t state = 1;
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Mean 0, deviation 1 (Box and Muller). */
static inline double normal(void) { return sqrt(-2 * log(1 - uniform())) * cos(6.283185307179586 * uniform()); }

/* Step `step` (from 1) of AdamW with beta 0.9 and 0.95: arXiv:1711.05101, algorithm 2, decay times rate as in PyTorch. */
static inline void adamw(float *value, const float *gradient, float *first, float *second, size_t count, int step,
                         double rate, double decay) {
    double correction1 = 1 - pow(0.9, step), correction2 = 1 - pow(0.95, step);
    for (size_t i = 0; i < count; i++) {
        first[i] = 0.9f * first[i] + 0.1f * gradient[i];
        second[i] = 0.95f * second[i] + 0.05f * gradient[i] * gradient[i];
        double direction = first[i] / correction1 / (sqrt(second[i] / correction2) + 1e-8);
        value[i] -= (float)(rate * (direction + decay * value[i]));
    }
}

/* A symbol with the probabilities softmax(logits) over the alphabet: a vocabulary may be wider than that. */
static inline int32_t draw(const float *logits, uint32_t alphabet) {
    double top = logits[0], sum = 0;
    for (uint32_t i = 1; i < alphabet; i++) top = fmax(top, logits[i]);
    for (uint32_t i = 0; i < alphabet; i++) sum += exp(logits[i] - top);
    double left = uniform() * sum;
    for (uint32_t i = 0; i + 1 < alphabet; i++)
        if ((left -= exp(logits[i] - top)) <= 0) return (int32_t)i;
    return (int32_t)alphabet - 1;
}
