/* Claims from texts, for tests. */
#pragma once

#include "judge/claim/claim.h"

#define HEAD                                                                                       \
    "schema: 1\nname: x\ntitle: X\n"                                                               \
    "claim: {number: [1, 2], notes: A, says: something}\n" /* lines 1 to 4 */
#define OUTCOMES "supported: yes, refuted: no, depends: both"
#define QUESTION QUESTION_CALLED("worse")
#define OTHER_QUESTION QUESTION_CALLED("other")
#define QUESTION_CALLED(name)                                                                      \
    "  - {name: " name ", asks: is it, more: {norm.kind: batch}, less: {norm.kind: none}, "        \
    "delta: 0.01, " OUTCOMES

#define SEEDS_10 "sweep: {seed: range(10)}\n"

/* The file that the last text was read from, which is gone again. */
extern char claim_text_path[];

enum status claim_text_read(const char *text, struct claim *claim);
/* A claim of a text that must be a good one. */
struct claim claim_text_good(const char *text);
