/* When probes make sense: of the type of `applies`. */
#pragma once

#include "engine/probe/probe.h"

bool applies_to_hidden(const struct probe *probe, const struct trainer *trainer, int layer);
/* The run has a hidden layer, validation rows, a state. */
bool applies_with_hidden(const struct probe *probe, const struct trainer *trainer, int layer);
bool applies_with_validation(const struct probe *probe, const struct trainer *trainer, int layer);
bool applies_with_states(const struct probe *probe, const struct trainer *trainer, int layer);
