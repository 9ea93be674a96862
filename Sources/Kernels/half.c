// 16-bit weights decoded to float32.
#include "kernels.h"

static inline float from_bits(uint32_t bits) {
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

void zk_decode_bf16(int64_t n, const uint16_t *x, float *y) {
    for (int64_t i = 0; i < n; i++) y[i] = from_bits((uint32_t)x[i] << 16);
}

/// The exponent and fraction move to float32's places, and one exact multiplication by 2^112 corrects the exponent's
/// offset, for subnormals too. Infinities and not-a-numbers get the full exponent.
void zk_decode_f16(int64_t n, const uint16_t *x, float *y) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t sign = (uint32_t)(x[i] & 0x8000) << 16;
        uint32_t magnitude = (uint32_t)(x[i] & 0x7fff) << 13;
        uint32_t special = magnitude >= 0x0f800000 ? 0x7f800000 : 0;
        float scaled = from_bits(magnitude) * 0x1p112f;
        uint32_t bits;
        __builtin_memcpy(&bits, &scaled, sizeof bits);
        y[i] = from_bits((special ? (special | magnitude) : bits) | sign);
    }
}
