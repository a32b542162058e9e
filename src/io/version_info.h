/* What this program was built from and with, for provenance and --version. */
#pragma once

extern const char build_version[];  /* "0.1.0" */
extern const char build_commit[];   /* 12 hexadecimal digits, or "unknown" */
extern const int build_dirty;       /* 1: the tree had changes that were not committed */
extern const char build_compiler[]; /* "gcc 12.2.0" */
extern const char build_flags[];    /* what decides about bits: optimization, -march, contraction */

/* Hash of the program's file: two builds of one version differ in it. "unknown" where the system
 * does not show the file. */
const char *build_hash(void);

/* Instructions that not every x86-64 processor has and that compilers use unasked (others stay out:
 * a processor without them is fine): gcc's name, and the macro that says whether the program was
 * compiled with them. */
/* clang-format off */
#define PROCESSOR_FEATURES(row)                                                                    \
    row("sse3", __SSE3__) row("ssse3", __SSSE3__) row("sse4.1", __SSE4_1__)                        \
    row("sse4.2", __SSE4_2__) row("popcnt", __POPCNT__) row("avx", __AVX__)                        \
    row("xop", __XOP__) row("fma4", __FMA4__) row("fma", __FMA__) row("bmi", __BMI__)              \
    row("bmi2", __BMI2__) row("avx2", __AVX2__) row("avx512f", __AVX512F__)                        \
    row("avx512cd", __AVX512CD__) row("avx512bw", __AVX512BW__) row("avx512dq", __AVX512DQ__)      \
    row("avx512vl", __AVX512VL__)
/* clang-format on */

/* In the order of the rows: "1" where the program was compiled with it. */
extern const char *const build_features[];
