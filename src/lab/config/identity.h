/* A run's identity: what makes two runs the same run. */
#pragma once

#include <stdbool.h>

#include "lab/config/keys.h"

/* Raised by hand whenever the bits of training change; tests/lab/worker/test_golden.c forces it. */
enum { NUMERICS = 2, SCHEMA = 1 };

enum { RUN_ID_SIZE = 14 };

/* "r" and 12 hexadecimal digits: hash of schema, numerics, the data's hash, the canonical text. */
void run_identity(const char *canonical, const char *data_hash, char id[RUN_ID_SIZE]);
/* Does a text begin as an id does? What follows the id is the caller's to look at. */
bool run_id_begins(const char *text);
