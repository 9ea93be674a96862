// Matrix products.

// Declared here, since not every OpenBLAS package brings a header; int is its index type.
void cblas_sgemm(int layout, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                 const float *b, int ldb, float beta, float *c, int ldc);
void cblas_dgemm(int layout, int transpose_a, int transpose_b, int m, int n, int k, double alpha, const double *a,
                 int lda, const double *b, int ldb, double beta, double *c, int ldc);

#define TOPIC "topics/gemm.h"
#include "levels.h"

EXPORT(gemm)
EXPORT(gemv)
