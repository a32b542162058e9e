/* OpenBLAS, the serial build: it starts no threads, and the thread that calls it does the work. */
#include "kernel/gemm.h"

#include <cblas.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

/* Debian builds it without USE_LOCKING: two threads that ask for a packing buffer at the same
 * moment can get the same one, and about one product in a thousand comes out wrong
 * (tests/kernel/test_gemm.c). The linker hands us the two calls that give out buffers (--wrap in
 * the Makefile), and they take turns here. Not seen by the thread sanitizer, so that the order it
 * makes hides no race of ours. */
void *__real_blas_memory_alloc(int kind);
void __real_blas_memory_free(void *buffer);
void *__wrap_blas_memory_alloc(int kind);
void __wrap_blas_memory_free(void *buffer);

static atomic_flag buffers_busy = ATOMIC_FLAG_INIT;

#define UNSEEN __attribute__((no_sanitize("thread")))

UNSEEN static void buffers_lock(void) {
    while (atomic_flag_test_and_set_explicit(&buffers_busy, memory_order_acquire))
        sched_yield();
}

UNSEEN static void buffers_unlock(void) {
    atomic_flag_clear_explicit(&buffers_busy, memory_order_release);
}

UNSEEN void *__wrap_blas_memory_alloc(int kind) {
    buffers_lock();
    void *buffer = __real_blas_memory_alloc(kind);
    buffers_unlock();
    return buffer;
}

UNSEEN void __wrap_blas_memory_free(void *buffer) {
    buffers_lock();
    __real_blas_memory_free(buffer);
    buffers_unlock();
}

/* Under the thread sanitizer: the library was not compiled for it, so it is told what a product
 * touches. */
#if defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define WATCHED
#    endif
#endif
#ifdef WATCHED
void __tsan_read_range(void *address, unsigned long size);
void __tsan_write_range(void *address, unsigned long size);

static void watch_read(int rows, int columns, const float *x, int ld) {
    for (int i = 0; i < rows; i++)
        __tsan_read_range((void *)(x + (long)i * ld), (unsigned long)columns * sizeof *x);
}

static void watch_write(int rows, int columns, float *x, int ld) {
    for (int i = 0; i < rows; i++)
        __tsan_write_range(x + (long)i * ld, (unsigned long)columns * sizeof *x);
}
#else
static void watch_read(int rows, int columns, const float *x, int ld) {
    (void)rows, (void)columns, (void)x, (void)ld;
}

static void watch_write(int rows, int columns, float *x, int ld) {
    (void)rows, (void)columns, (void)x, (void)ld;
}
#endif

void gemm_nn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float beta,
             float *C, int ldc) {
    watch_read(M, K, A, lda);
    watch_read(K, N, B, ldb);
    watch_write(M, N, C, ldc);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, M, N, K, 1.0f, A, lda, B, ldb, beta, C,
                ldc);
}

void gemm_nt(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float beta,
             float *C, int ldc) {
    watch_read(M, K, A, lda);
    watch_read(N, K, B, ldb);
    watch_write(M, N, C, ldc);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, M, N, K, 1.0f, A, lda, B, ldb, beta, C,
                ldc);
}

void gemm_tn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float beta,
             float *C, int ldc) {
    watch_read(K, M, A, lda);
    watch_read(K, N, B, ldb);
    watch_write(M, N, C, ldc);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, M, N, K, 1.0f, A, lda, B, ldb, beta, C,
                ldc);
}

const char *gemm_library(void) {
    static _Thread_local char text[128];
    char version[64] = "";
    sscanf(openblas_get_config(), "OpenBLAS %63s", version);
    snprintf(text, sizeof text, "OpenBLAS %s %s", version, openblas_get_corename());
    return text;
}
