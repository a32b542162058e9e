/* Verdicts as JSON. */
#pragma once

#include "io/json_writer.h"
#include "judge/claim/verdict.h"

/* One object of a list: the claim, its verdict, its questions with numbers by strata, and what was
 * computed. */
void judge_put_json(struct json_writer *writer, const struct judgement *judgement);
