/* Matrix products, row-major, float32, serial.
 *
 * C is [M, N] with row stride ldc >= N, and so on. The same shapes give the same bits, on any
 * thread and for registers of any width (with fused multiply-add). */
#pragma once

#include <stdbool.h>

/* C = A B, or C += A B with `add`; A [M,K], B [K,N]: forward. An element is one sum over k,
 * ascending. */
void gemm_nn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, bool add,
             float *C, int ldc);
/* C = A B', A [M,K], B [N,K]: gradient of the input. How an element is summed follows from M and K.
 */
void gemm_nt(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float *C,
             int ldc);
/* C = A' B, A [K,M], B [K,N]: gradient of the weights. An element is one sum over k, ascending. */
void gemm_tn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float *C,
             int ldc);

/* The update that a momentum step makes of a weights' gradient: V = mu V + gradient, W -= lr V. */
struct gemm_momentum {
    float mu, lr;
    float *V, *W; /* [M,N] each */
};

/* gemm_tn and the update in one pass over V and W: the same bits as one after the other. False, and
 * nothing done, where that has no advantage (K is long, N short). */
bool gemm_tn_momentum(int M, int N, int K, const float *A, int lda, const float *B, int ldb,
                      const struct gemm_momentum *momentum);

/* "own, AVX-512": the instructions they were compiled for. */
const char *gemm_kind(void);
