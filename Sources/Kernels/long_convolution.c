// Convolution over the whole text, by Fourier transforms.
#define TOPIC "topics/long_convolution.h"
#include "levels.h"

EXPORT(long_convolution_channels)
EXPORT(long_convolution_roots)
EXPORT(long_convolution_workspace)
EXPORT(roots_of_unity)
EXPORT(long_convolution)
EXPORT(long_convolution_filter_gradient)
EXPORT(history_convolution)
