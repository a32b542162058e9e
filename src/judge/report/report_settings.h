/* With what settings a claim's runs were trained. */
#pragma once

#include <stdio.h>

#include "judge/claim/claim.h"

/* Closed tables: the keys that are swept or not at their defaults, and of a tuned file the rate of
 * each cell, with what was tried. */
void settings_put(FILE *out, const struct claim *claim);
