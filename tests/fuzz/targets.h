/* What is fuzzed: a target is one function, which reads its input as the program would, and must
 * come back. To add one: the function, and a word of FUZZ_TARGETS. */
#pragma once

#include <stddef.h>

/* The input, with a 0 behind its last byte. */
typedef void fuzz_function(const char *text, size_t size);

#define FUZZ_TARGETS(target)                                                                       \
    target(experiment) target(claim) target(tune) target(words) target(idx) target(npy)            \
        target(hdf5_data) target(csv) target(gz) target(plan) target(journal) target(results)

#define FUZZ_DECLARE(name) fuzz_function fuzz_##name;
FUZZ_TARGETS(FUZZ_DECLARE)
#undef FUZZ_DECLARE

/* A folder for the files of a target's inputs; empty when the fuzzer starts. */
extern char fuzz_folder[];
/* Writes the input into a file of that folder; its path. */
const char *fuzz_file(const char *name, const char *bytes, size_t size);
