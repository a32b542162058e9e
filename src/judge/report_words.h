/* Names and numbers as people read them. */
#pragma once

#include "base/pool.h"

/* "train.batch_size=2, norm.placement=after" as "mini-batch size 2, placement after". */
const char *report_stratum(const char *stratum, struct pool *pool);
/* With as many decimals as the width of its interval is worth: two digits of it. Four digits where
 * that is no number above 0. */
const char *report_number(double value, double width, struct pool *pool);
