/* The one place that knows the libraries' interfaces. Their headers are not needed to build
 * normlab, so what is called is declared here: cblas_sgemm, and dnnl_sgemm of
 * oneapi/dnnl/dnnl.h. */
#include "lab/bench/blas_libraries.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The first of `paths` (ends with NULL) that can be loaded; stays loaded. */
static void *open_first(const char *const *paths) {
    void *handle = NULL;
    for (int i = 0; paths[i] && !handle; i++)
        handle = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
    return handle;
}

/* ---- OpenBLAS ---- */

enum { CBLAS_ROW_MAJOR = 101, CBLAS_PLAIN = 111, CBLAS_TURNED = 112 };

typedef void cblas_sgemm_function(int order, int turn_a, int turn_b, int M, int N, int K,
                                  float alpha, const float *A, int lda, const float *B, int ldb,
                                  float beta, float *C, int ldc);
typedef char *openblas_text_function(void);
typedef void openblas_set_num_threads_function(int n);

static cblas_sgemm_function *openblas_sgemm;

static void openblas_product(bool a_turned, bool b_turned, int M, int N, int K, const float *A,
                             int lda, const float *B, int ldb, float beta, float *C, int ldc) {
    openblas_sgemm(CBLAS_ROW_MAJOR, a_turned ? CBLAS_TURNED : CBLAS_PLAIN,
                   b_turned ? CBLAS_TURNED : CBLAS_PLAIN, M, N, K, 1.0f, A, lda, B, ldb, beta, C,
                   ldc);
}

/* The serial build first: the others keep threads of their own, which wait and disturb. */
static const char *const openblas_paths[] = {
#if defined(__x86_64__)
    "/usr/lib/x86_64-linux-gnu/openblas-serial/libopenblas.so.0",
#elif defined(__aarch64__)
    "/usr/lib/aarch64-linux-gnu/openblas-serial/libopenblas.so.0",
#endif
    "libopenblas.so.0",
    NULL,
};

static bool openblas_open(char *version, size_t size) {
    void *handle = open_first(openblas_paths);
    if (!handle)
        return false;
    openblas_sgemm = (cblas_sgemm_function *)dlsym(handle, "cblas_sgemm");
    openblas_text_function *config = (openblas_text_function *)dlsym(handle, "openblas_get_config");
    openblas_text_function *core = (openblas_text_function *)dlsym(handle, "openblas_get_corename");
    openblas_set_num_threads_function *set_num_threads =
        (openblas_set_num_threads_function *)dlsym(handle, "openblas_set_num_threads");
    if (set_num_threads)
        set_num_threads(1);
    char number[32] = "unknown";
    if (config)
        sscanf(config(), "OpenBLAS %31s", number);
    snprintf(version, size, "%s %s", number, core ? core() : "");
    return openblas_sgemm != NULL;
}

/* ---- oneDNN ---- */

typedef int dnnl_sgemm_function(char turn_a, char turn_b, int64_t M, int64_t N, int64_t K,
                                float alpha, const float *A, int64_t lda, const float *B,
                                int64_t ldb, float beta, float *C, int64_t ldc);

struct dnnl_version { /* the beginning of dnnl_version_t */
    int major, minor, patch;
};
typedef const struct dnnl_version *dnnl_version_function(void);
typedef void set_num_threads_function(int n);

static dnnl_sgemm_function *dnnl_sgemm;

static void dnnl_product(bool a_turned, bool b_turned, int M, int N, int K, const float *A, int lda,
                         const float *B, int ldb, float beta, float *C, int ldc) {
    dnnl_sgemm(a_turned ? 'T' : 'N', b_turned ? 'T' : 'N', M, N, K, 1.0f, A, lda, B, ldb, beta, C,
               ldc);
}

/* oneDNN takes as many threads as OpenMP would give a parallel region of the thread that calls it.
 * Teams of ours say how many they want and do not mind. The program's own OpenMP comes before the
 * library's: where they differ it is the one that the library got, too. */
static void one_thread(void *dnnl) {
    void *program = dlopen(NULL, RTLD_NOW);
    void *found = program ? dlsym(program, "omp_set_num_threads") : NULL;
    if (!found)
        found = dlsym(dnnl, "omp_set_num_threads");
    if (found)
        ((set_num_threads_function *)found)(1);
}

static const char *const dnnl_paths[] = {"libdnnl.so.2", "libdnnl.so.3", NULL};

static bool dnnl_open(char *version, size_t size) {
    void *handle = open_first(dnnl_paths);
    if (!handle)
        return false;
    dnnl_sgemm = (dnnl_sgemm_function *)dlsym(handle, "dnnl_sgemm");
    dnnl_version_function *get_version = (dnnl_version_function *)dlsym(handle, "dnnl_version");
    one_thread(handle);
    const struct dnnl_version *number = get_version ? get_version() : NULL;
    if (number)
        snprintf(version, size, "%d.%d.%d", number->major, number->minor, number->patch);
    return dnnl_sgemm != NULL;
}

/* ---- the table ---- */

static char versions[BLAS_LIBRARIES][64] = {"unknown", "unknown"};

static const struct row {
    const char *package;
    bool (*open)(char *version, size_t size);
    struct blas_library library;
} rows[BLAS_LIBRARIES] = {
    {"libopenblas0-serial", openblas_open, {"OpenBLAS", versions[0], openblas_product}},
    {"libdnnl2", dnnl_open, {"oneDNN", versions[1], dnnl_product}},
};

const struct blas_library *blas_library_get(int index) {
    static enum { UNKNOWN, HERE, MISSING } found[BLAS_LIBRARIES];
    if (found[index] == UNKNOWN)
        found[index] = rows[index].open(versions[index], sizeof versions[index]) ? HERE : MISSING;
    return found[index] == HERE ? &rows[index].library : NULL;
}

const char *blas_library_name(int index) {
    return rows[index].library.name;
}

const char *blas_library_package(int index) {
    return rows[index].package;
}
