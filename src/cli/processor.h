/* Whether this processor has the instructions that the program was built with. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Writes the names of what is used (as io/version_info.h says of `build_features`) and what this
 * processor lacks, "avx, avx2"; returns how many. */
int processor_lacks(const char *const *used, char *lacking, size_t size);

/* false, after a sentence on standard error: the program would end by an illegal instruction. */
bool processor_suits(void);
