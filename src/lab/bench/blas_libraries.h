/* Other people's matrix products, for comparison: OpenBLAS and oneDNN, where they are installed.
 *
 * normlab computes with products of its own and needs neither; `normlab bench` measures what the
 * best of the libraries would take. Both are found when the program runs, not when it is built. */
#pragma once

#include <stdbool.h>

enum { BLAS_LIBRARIES = 2 };

struct blas_library {
    const char *name; /* "oneDNN" */
    const char
        *version; /* "2.6.3"; with the processor that its kernels were chosen for, if it says */
    /* C = A B + beta C, row-major, on one thread; C [M,N] has row stride ldc. A [M,K] is stored as
     * [K,M] where `a_turned`, B [K,N] as [N,K] where `b_turned`. Only on the thread that first
     * asked for a library, and one at a time: Debian's serial OpenBLAS hands out its buffers
     * without a lock. */
    void (*product)(bool a_turned, bool b_turned, int M, int N, int K, const float *A, int lda,
                    const float *B, int ldb, float beta, float *C, int ldc);
};

/* Library `index` of BLAS_LIBRARIES; NULL where it is not installed. */
const struct blas_library *blas_library_get(int index);
/* Its name, installed or not, and the package of Debian that it is in. */
const char *blas_library_name(int index);
const char *blas_library_package(int index);
