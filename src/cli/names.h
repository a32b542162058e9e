/* Finds the files that people mean: `smoke` is experiments/smoke.yaml, here or of those that come
 * with the program. */
#pragma once

#include "cli/command.h"

/* The path of a definition. A file of that name comes first; then, with .yaml where it is left out,
 * one below experiments/, experiments/claims/ or experiments/papers/: here, then in the share
 * folder. NULL: there is none. */
const char *names_find_definition(const char *name, struct pool *pool);
/* With ".yaml" where it is left out. */
const char *names_with_suffix(const char *name, struct pool *pool);
/* The path of a folder of definitions, likewise: `claims` is experiments/claims. */
const char *names_find_folder(const char *name, struct pool *pool);
/* All definitions that have names of their own, as one would write them: smoke, heart. */
struct words names_of_definitions(struct pool *pool);

/* Puts paths in the place of names and patterns that no file here has, where an operand of the
 * command is a definition (FILE.yaml, CLAIM.yaml), and leaves files without a claim out of several
 * claims. What was found elsewhere or left out is said on standard error. ERROR_USAGE: a name that
 * nothing has, with "did you mean ...?". */
enum status names_resolve(const struct command *command, struct arguments *arguments);
