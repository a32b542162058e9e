/* What creating a trainer and its steps have in common; a part of the trainer. */
#pragma once

#include "engine/nn/trainer.h"

/* What the order of an epoch's rows follows from. */
struct order_rows trainer_order_rows(const struct train_config *config,
                                     const struct dataset *dataset);
/* Blocks of n parameters, of which each has a partial sum in norm_parts. */
int trainer_blocks(size_t n);
/* seeds.init, seeds.order, ...: -1 stands for `seed`. */
uint64_t trainer_seed(long seed, const struct seed_config *seeds);
bool trainer_needs_population(const struct trainer *trainer);
/* By every thread of the team: the statistics of the training rows at the present weights, where
 * the next step is one to take them. `trainer`: a struct trainer. */
void trainer_refresh(struct team team, void *trainer);
