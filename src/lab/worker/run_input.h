/* What a run was given, as its record tells it. */
#pragma once

#include "lab/plan/plan.h"
#include "lab/store/record.h"

/* The id, every key that applies, and how the input was scaled. */
void run_input_write(const struct planned_run *planned, struct record *record);
