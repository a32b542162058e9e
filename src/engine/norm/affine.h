/* gamma and beta, as most normalizers learn them: y = gamma xhat + beta. */
#pragma once

#include "engine/norm/normalizer.h"

/* Their places in `param`: .param = {GAMMA_FIELD, BETA_FIELD}. */
enum { GAMMA, BETA };

#define GAMMA_FIELD                                                                                \
    { "gamma", "1", "learned scale of a unit", 1 }
#define BETA_FIELD                                                                                 \
    { "beta", "1", "learned shift of a unit", 0 }
