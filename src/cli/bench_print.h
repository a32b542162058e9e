/* The results of `normlab bench` on standard output. */
#pragma once

#include "lab/bench/bench.h"

/* Tab-separated, at once; the header stands before the first. */
void bench_print_row(const struct bench_options *options, const struct bench_result *result,
                     bool first);
/* All of them for a person: limits, rates, and where the time went where that was asked for. */
void bench_print_all(const struct bench_options *options, int n,
                     const struct bench_result *results);
