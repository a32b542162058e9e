/* What the numerical tests share: high-entropy inputs, data sets from arrays, configurations, and
 * the bridge between a network under test and the oracle. */
#pragma once

#include "engine/nn/trainer.h"
#include "tests/oracle/oracle.h"

/* x[i] = mean + deviation * normal, from counter-based random numbers: stream and i decide. */
void test_normal(uint32_t stream, size_t n, double mean, double deviation, float *x);
void test_widen(size_t n, const float *x, double *wide);
/* Zeroed memory that the caller frees; out of memory ends the test. */
void *test_memory(size_t count, size_t size);

/* How often a text has a part. */
int test_count(const char *text, const char *part);

/* Was this built with a sanitizer that has memory of its own? */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define TEST_SANITIZED 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define TEST_SANITIZED 1
#    endif
#endif
#ifndef TEST_SANITIZED
#    define TEST_SANITIZED 0
#endif

/* From here on the process gets only `more` bytes of address space; -1: as much as it likes. */
void test_limit_memory(long more);

/* A data set of overlapping Gaussian clusters in memory; no file is read. */
struct test_data {
    struct data_source source;
    struct dataset dataset;
};

struct test_data *test_data_create(uint32_t stream, int n_features, int n_classes, long n_train,
                                   long n_validation, long n_test);
/* The same rows, with normal numbers as targets in place of labels. */
void test_data_take_values(struct test_data *data, uint32_t stream);
void test_data_free(struct test_data *data);

/* Two hidden layers of 7 and 5 relu units, He weights, no normalizer, SGD at a rate of 0.1,
 * mini-batches of 8 in the file's order. */
struct run_config test_config(void);
/* Own keys of config->kind at their defaults. */
void test_own_defaults(struct norm_config *config);
/* The normalizer with its own keys at their defaults, but groups: 1, which fits the odd widths of
 * tests. */
void test_norm(struct norm_config *config, long kind);
/* A new trainer; a failure fails the test with its message. */
struct trainer *test_trainer(const struct run_config *config, const struct test_data *data,
                             int n_threads);

/* Has the oracle a formula for this normalizer, and no noise or running state in the forward pass
 * to share with us? */
bool test_oracle_knows(long kind);
/* A network of the oracle with the configuration and the present parameters and running state of
 * the trainer's. Fails the test where they do not own the same vectors. */
struct oracle *test_oracle(const struct trainer *trainer, int max_rows);

/* One learned vector on both sides. */
struct test_pair {
    char name[32];
    struct oracle_tensor *expected;
    const float *value, *gradient;
};

/* All learned vectors, in the oracle's order of layers; returns how many. */
int test_pairs(const struct trainer *trainer, struct oracle *oracle,
               struct test_pair pairs[ORACLE_TENSORS]);

/* Largest |a - b|, infinity where one is not a number. */
double test_distance(size_t n, const double *a, const double *b);
double test_distance_float(size_t n, const double *a, const float *b);
double test_largest(size_t n, const double *a);
/* Eigenvalues of the symmetric A [n, n], ascending, by Jacobi's rotations; A is destroyed. */
void test_eigenvalues(int n, double *A, double *values);

/* FNV-1a: enough to say whether two blocks are bit for bit the same. */
uint64_t test_hash(uint64_t hash, const void *data, size_t size);
enum { TEST_HASH_START = 1469 };
