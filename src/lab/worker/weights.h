/* A network's weights as series: weights/<when>/layer<k>/W, b, gamma, ... */
#pragma once

#include "engine/nn/mlp.h"
#include "lab/store/record.h"

/* `when`: "initial" or "final". The input normalizer's vectors stand in weights/<when>/input. */
void weights_write(const struct mlp *mlp, const char *when, struct record *record);
