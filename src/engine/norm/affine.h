/* gamma and beta, as most normalizers learn them: y = gamma xhat + beta. */
#pragma once

#include "engine/norm/normalizer.h"

/* Their places in `param`: .param = {GAMMA_FIELD, BETA_FIELD}. */
enum { GAMMA, BETA };

#define GAMMA_FIELD                                                                                \
    { .name = "gamma", .unit = "1", .doc = "learned scale of a unit", .initial = 1 }
#define BETA_FIELD                                                                                 \
    { .name = "beta", .unit = "1", .doc = "learned shift of a unit" }
