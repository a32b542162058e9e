/* Matrix products, row-major, float32, single-threaded: the one home of the library behind them.
 *
 * C is [M, N] with row stride ldc, and so on; `beta` 0 overwrites C (old NaNs do not survive), 1
 * adds. The same shapes give the same bits, on any thread. */
#pragma once

/* C = A B + beta C, A [M,K], B [K,N]: forward. */
void gemm_nn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float beta,
             float *C, int ldc);
/* C = A B' + beta C, A [M,K], B [N,K]: gradient of the input. */
void gemm_nt(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float beta,
             float *C, int ldc);
/* C = A' B + beta C, A [K,M], B [K,N]: gradient of the weights. */
void gemm_tn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float beta,
             float *C, int ldc);

/* "OpenBLAS 0.3.21 SkylakeX": the library and the processor it chose its kernels for. */
const char *gemm_library(void);
