/* A question of a claim on the page: in words, as a figure, in numbers. */
#include "judge/report/report_answer.h"

#include <math.h>

#include "judge/claim/verdict_words.h"
#include "judge/report/report_figure.h"
#include "judge/report/report_table.h"
#include "judge/report/report_words.h"

struct answer_work {
    struct page *page;
    const struct answer *answer;
    const char *name; /* of the claim */
};

/* ---- the findings ---- */

static void put_interval(FILE *out, const struct interval *interval, double width,
                         struct pool *pool) {
    fprintf(out, "<td class=\"n\">%s to %s</td>", report_number(interval->low, width, pool),
            report_number(interval->high, width, pool));
}

/* The test that its word rests on; of an open one that of the claim. */
static enum effect asked_effect(const struct decision *decision, const struct finding *finding) {
    enum effect effect = finding->tests.effect;
    return effect != EFFECT_OPEN               ? effect
           : decision->kind == CLAIM_DIRECTION ? EFFECT_ABOVE
                                               : EFFECT_WITHIN;
}

static void put_finding(FILE *out, const char *name, const struct decision *decision,
                        const struct finding *finding, struct pool *pool) {
    double width = finding->interval.high - finding->interval.low;
    enum effect effect = asked_effect(decision, finding);
    fputs("<tr><th scope=\"row\">", out);
    report_put(out, report_stratum(name, pool));
    fprintf(out, "</th><td class=\"n\">%s</td>", report_number(finding->estimate, width, pool));
    put_interval(out, &finding->interval, width, pool);
    if (decision->has_rows)
        put_interval(out, &finding->interval_rows, width, pool);
    fprintf(out, "<td>%s</td><td class=\"n\">%.2g</td>", effect_name(finding->tests.effect),
            finding->seeds_only.facts.p[effect]);
    if (decision->has_rows)
        fprintf(out, "<td class=\"n\">%.2g</td>", finding->tests.facts.p[effect]);
    fprintf(out, "<td class=\"n\">%.0f %%</td></tr>\n", 100 * finding->improvement);
}

static void put_heading(FILE *out, const char *text) {
    fprintf(out, "<th scope=\"col\" class=\"n\">%s</th>", text);
}

static enum status put_findings(FILE *out, void *context) {
    const struct answer_work *work = context;
    const struct answer *answer = work->answer;
    const struct decision *decision = &answer->decision;
    struct pool *pool = &work->page->pool;
    fputs("<div class=\"wide\"><table><thead><tr><th scope=\"col\">Stratum</th>", out);
    put_heading(out, "Difference");
    put_heading(out, "95 % interval over seeds");
    if (decision->has_rows)
        put_heading(out, "Interval over seeds and rows");
    fprintf(out, "<th scope=\"col\">Against &#177;%g</th>", answer->question->delta);
    put_heading(out, "p over seeds");
    if (decision->has_rows)
        put_heading(out, "p over seeds and rows");
    put_heading(out, "Above 0");
    fputs("</tr></thead><tbody>\n", out);
    for (int s = 0; s < decision->n_strata && decision->n_strata > 1; s++)
        put_finding(out, answer->contrast.strata[s], decision, &decision->strata[s], pool);
    put_finding(out, "all", decision, &decision->overall, pool);
    fputs("</tbody></table></div>", out);
    return OK;
}

/* What the word leaves unsaid: by which row of the rule's table it is what it is. */
static const char *detail_text(const struct decision *decision) {
    static const char *const direction[EFFECT_OPEN + 1] = {
        [EFFECT_ABOVE] = "; it is larger than that",
        [EFFECT_BELOW] = "; the opposite is larger than that",
        [EFFECT_WITHIN] = "; it is within that",
        [EFFECT_NEGATIVE] = "; the sign is the opposite",
        [EFFECT_NOT_ABOVE] = "; it is not larger than that",
        [EFFECT_POSITIVE] = "; the sign is settled, that it is larger is not",
    };
    static const char *const equality[EFFECT_OPEN + 1] = {
        [EFFECT_ABOVE] = "; it is larger than that",
        [EFFECT_BELOW] = "; the opposite is larger than that",
        [EFFECT_WITHIN] = "; it is within that",
        [EFFECT_NEGATIVE] = "; there is a difference, whether it counts is open",
        [EFFECT_POSITIVE] = "; there is a difference, whether it counts is open",
    };
    const struct finding_tests *tests = &decision->overall.tests;
    bool differs =
        fmin(tests->facts.p[EFFECT_POSITIVE], tests->facts.p[EFFECT_NEGATIVE]) <= decision->level;
    const char *text = (decision->kind == CLAIM_DIRECTION ? direction : equality)[tests->effect];
    if (decision->verdict == VERDICT_DEPENDS || !text)
        return "";
    return tests->effect == EFFECT_WITHIN && differs ? "; it differs, by less than that" : text;
}

/* What varies in the tests. */
static const char *basis_text(const struct decision *decision, struct pool *pool) {
    return !decision->has_rows ? "tested over seeds only"
           : decision->verdict != decision->seeds_only
               ? pool_format(pool, "over seeds alone it would be %s",
                             verdict_name(decision->seeds_only))
               : "tested over seeds and test rows";
}

/* " The arms also differ in optimizer.lr, norm.eps." */
static const char *also_text(const struct contrast *contrast, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < contrast->n_also; i++)
        text = pool_format(pool, "%s%s%s", text, i ? ", " : " The arms also differ in ",
                           report_escape(contrast->also[i], pool));
    return contrast->n_also ? pool_format(pool, "%s.", text) : text;
}

/* What so many seeds could have found, where they found nothing. */
static const char *power_text(const struct answer *answer, struct pool *pool) {
    const struct decision *decision = &answer->decision;
    if (decision->verdict != VERDICT_INCONCLUSIVE || answer->missed.at_least)
        return "";
    return pool_format(pool,
                       " With so many seeds%s a true difference of %.3g would have been found in "
                       "80 %% of such experiments.",
                       decision->has_rows ? " and test rows" : "", decision->smallest_effect);
}

/* ---- what stands at the places ---- */

enum status report_put_differences(FILE *out, struct page *page, const char *claim,
                                   const struct answer *answer) {
    const struct claim_question *question = answer->question;
    struct pool *pool = &page->pool;
    const char *svg, *key = pool_format(pool, "%s/%s", claim, question->name);
    int number = page_figure_find(page, key);
    if (number) {
        fprintf(out,
                "<p class=\"soft\">Its differences: <a href=\"#figure:%d\">figure %d</a>.</p>\n",
                number, number);
        return OK;
    }
    number = page_figure_add(page, key);
    enum status status = report_draw_answer(answer, number, pool, &svg);
    if (!status)
        page_put_figure(out, "differences", number, svg,
                        pool_format(pool, "%s less %s%s%s; line: interval over %s.",
                                    question->more.name, question->less.name,
                                    *question->unit ? ", " : "", question->unit,
                                    answer->decision.has_rows ? "seeds and test rows" : "seeds"));
    return status;
}

static enum status put_differences(FILE *out, void *context) {
    const struct answer_work *work = context;
    return report_put_differences(out, work->page, work->name, work->answer);
}

static enum status put_decided(FILE *out, struct answer_work *work,
                               const struct judgement *judgement) {
    const struct answer *answer = work->answer;
    const struct decision *decision = &answer->decision;
    struct pool *pool = &work->page->pool;
    /* what stands beside may ask for the opposite of what the paper says */
    const char *word = answer->question->role == ROLE_BESIDE
                           ? verdict_name(decision->verdict)
                           : judgement_verdict(judgement, decision->verdict);
    const struct place places[] = {
        {"role", role_name(answer->question->role), NULL},
        {"class", report_class(word, pool), NULL},
        {"word", word, NULL},
        {"meaning", report_escape(answer->meaning, pool), NULL},
        {"kind", answer->question->equality ? "equality" : "direction", NULL},
        {"delta", pool_format(pool, "%g", answer->question->delta), NULL},
        {"detail", detail_text(decision), NULL},
        {"basis", basis_text(decision, pool), NULL},
        {"missed", report_escape(answer->missed.sentence, pool), NULL},
        {"figure", NULL, put_differences},
        {"findings", NULL, put_findings},
        {"seeds", pool_format(pool, "%d", decision->n_seeds), NULL},
        {"failed_first", pool_format(pool, "%d", answer->failures.first), NULL},
        {"failed_second", pool_format(pool, "%d", answer->failures.second), NULL},
        {"also", also_text(&answer->contrast, pool), NULL},
        {"power", power_text(answer, pool), NULL},
    };
    return template_put(out, work->page->answer, PLACES(places), work);
}

enum status report_put_answer(FILE *out, struct page *page, const struct judgement *judgement,
                              const struct answer *answer) {
    struct answer_work work = {page, answer, judgement->claim->name};
    fputs("<h3>", out);
    report_put(out, answer->question->asks);
    fprintf(out, " <span class=\"soft\">(%s)</span></h3>\n", role_name(answer->question->role));
    if (!answer->open)
        return put_decided(out, &work, judgement);
    fputs("<p>No answer: ", out);
    report_put(out, answer->open);
    fputs("</p>\n", out);
    return OK;
}
