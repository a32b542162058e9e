/* A judgement as an object: share/schema/output.json describes it. */
#include "cli/judge_json.h"

#include "cli/output_json.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report_effects.h"

static const struct json_layout claim_layout = {"\n      ", ",\n      ", "\n    "},
                                part_layout = {"\n        ", ",\n        ", "\n      "};

static void put_text(struct json_writer *writer, const char *name, const char *text) {
    if (text)
        json_put_text(writer, name, text);
    else
        json_put(writer, name, "null");
}

static void put_interval(struct json_writer *writer, const char *name, struct interval interval) {
    json_open_list(writer, name, &json_one_line);
    output_json_number(writer, NULL, interval.low);
    output_json_number(writer, NULL, interval.high);
    json_close(writer);
}

/* ---- answers ---- */

static void put_finding(struct json_writer *writer, const char *stratum,
                        const struct finding *finding) {
    json_open_object(writer, NULL, &json_one_line);
    json_put_text(writer, "stratum", stratum);
    output_json_number(writer, "estimate", finding->estimate);
    put_interval(writer, "interval", finding->interval);
    put_interval(writer, "interval_rows", finding->interval_rows);
    output_json_number(writer, "p", finding->tests.p_zero);
    output_json_number(writer, "improvement", finding->improvement);
    json_put_text(writer, "outcome", effect_name(finding->tests.effect));
    json_close(writer);
}

static void put_decided(struct json_writer *writer, const struct answer *answer) {
    const struct decision *decision = &answer->decision;
    json_put_text(writer, "verdict", verdict_name(decision->verdict));
    json_put_text(writer, "text", answer->text);
    put_text(writer, "meaning", answer->meaning);
    json_put(writer, "seeds", "%d", decision->n_seeds);
    output_json_number(writer, "delta", answer->asked.delta);
    json_open_list(writer, "findings", &part_layout);
    put_finding(writer, "all", &decision->overall);
    for (int s = 0; s < decision->n_strata && decision->n_strata > 1; s++)
        put_finding(writer, answer->contrast.strata[s], &decision->strata[s]);
    json_close(writer);
    json_put(writer, "failed", "[%d, %d]", answer->failures.first, answer->failures.second);
}

static void put_arm(struct json_writer *writer, const char *name, const struct claim_arm *arm,
                    double figure) {
    json_open_object(writer, name, &json_one_line);
    json_put_text(writer, "name", arm->name);
    output_json_number(writer, "value", figure);
    json_close(writer);
}

/* What stands in a table of effects beside the findings. */
static void put_effect(struct json_writer *writer, const struct answer *answer) {
    struct effect_size size = effects_size(answer);
    json_open_object(writer, "effect_size", &json_one_line);
    put_arm(writer, "more", &answer->question->more, size.more);
    put_arm(writer, "less", &answer->question->less, size.less);
    output_json_number(writer, "ratio", size.ratio);
    put_interval(writer, "ratio_interval", size.ratio_interval);
    json_put(writer, "test_rows", "%ld", answer->rows.m);
    output_json_number(writer, "decidable", size.decidable);
    json_close(writer);
}

static void put_answer(struct json_writer *writer, const struct claim *claim,
                       const struct answer *answer) {
    const struct claim_question *question = answer->question;
    json_open_object(writer, NULL, &json_one_line);
    json_put_text(writer, "name", question->name);
    json_put_text(writer, "role", role_name(question->role));
    json_put_text(writer, "asks", question->asks);
    put_text(writer, "open", answer->open);
    if (!answer->open)
        put_decided(writer, answer);
    if (!answer->open && claim_tables(claim, question))
        put_effect(writer, answer);
    json_close(writer);
}

/* ---- what is computed ---- */

static void put_computation(struct json_writer *writer, const struct computation *computation,
                            const struct computed_value *computed) {
    json_open_object(writer, NULL, &json_one_line);
    json_put_text(writer, "what", computation->what->name);
    json_put_text(writer, "setting", computation->setting);
    json_put_text(writer, "says", computation->says);
    output_json_number(writer, "value", computed->measured.value);
    output_json_number(writer, "claimed", computation->claimed);
    output_json_number(writer, "tolerance", computation->tolerance);
    json_put_text(writer, "outcome",
                  computed->holds  ? "holds"
                  : computed->open ? "open"
                                   : "does not hold");
    json_put(writer, "beside", computation->beside ? "true" : "false");
    json_close(writer);
}

/* ---- the claim ---- */

static void put_claim(struct json_writer *writer, const struct claim *claim) {
    json_put_text(writer, "claim", claim->name);
    json_put_text(writer, "file", claim->file);
    json_open_list(writer, "numbers", &json_one_line);
    for (int i = 0; i < claim->n_numbers; i++)
        json_put(writer, NULL, "%ld", claim->numbers[i]);
    json_close(writer);
    put_text(writer, "says", claim->says);
}

void judge_put_json(struct json_writer *writer, const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    json_open_object(writer, NULL, &claim_layout);
    put_claim(writer, claim);
    json_put_text(writer, "verdict", judgement_word(judgement));
    put_text(writer, "sentence", judgement->sentence);
    put_text(writer, "results", judgement->results);
    json_put(writer, "runs", "%d", judgement->n_runs);
    json_put(writer, "finished", "%d", judgement->n_finished);
    put_text(writer, "machines", judgement->machines);
    json_open_list(writer, "questions", &part_layout);
    for (int i = 0; i < judgement->n_answers; i++)
        put_answer(writer, claim, &judgement->answers[i]);
    json_close(writer);
    json_open_list(writer, "computed", &part_layout);
    for (int i = 0; i < claim->n_computations; i++)
        put_computation(writer, &claim->computations[i], &judgement->computed[i]);
    json_close(writer);
    json_close(writer);
}
