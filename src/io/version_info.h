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
