/* The data of a plan: each source loaded once, each split and scaling made once. */
#pragma once

#include "lab/plan/plan.h"

/* Finds or makes the data set of a cell; `texts` holds the data configuration of each of the plan's
 * data sets as text, and grows with them. */
enum status plan_dataset(struct plan *plan, const struct cell *cell, const struct config *config,
                         const char ***texts, const struct dataset **dataset);
void plan_free_data(struct plan *plan);
