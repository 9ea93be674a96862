// Included by levels.h once for each vector level: compiles TOPIC for float32 and for float64.
//
// FN(name)  this level's function: zk_name_f32_v3          V   a vector of LANES reals (64 bytes)
// VI        the integers of the same width                 S   a scalar constant of type REAL: S(0.5)

#define REAL float
#define INTEGER int32_t
#define LANES 16
#define IS_FLOAT 1
#define FN(name) JOIN(zk_, name, _f32, LEVEL)
#include "vector.h"
#include TOPIC
#undef REAL
#undef INTEGER
#undef LANES
#undef IS_FLOAT
#undef FN

#define REAL double
#define INTEGER int64_t
#define LANES 8
#define IS_FLOAT 0
#define FN(name) JOIN(zk_, name, _f64, LEVEL)
#include "vector.h"
#include TOPIC
#undef REAL
#undef INTEGER
#undef LANES
#undef IS_FLOAT
#undef FN
