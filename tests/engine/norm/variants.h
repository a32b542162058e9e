/* Configurations that every law is tried on. */
#pragma once

#include "engine/norm/normalizer.h"

/* Each row's default, then others of rows with keys of their own. */
int fixture_config_count(void);
struct norm_config fixture_config_get(int index);
/* One of the row's own keys. */
void fixture_set(struct norm_config *config, const char *key, double value);
