/* Rules over questions. */
#include "judge/stats/rule.h"

#include <math.h>

#include "judge/stats/sign_flip.h"

const char role_words[] = "decides|premise|beside", rule_words[] = "one|all|depends";

/* ---- the deciding questions ---- */

/* They with their words, by one set of tests. */
struct panel {
    int n;
    const int *place; /* [n] among all questions */
    const enum verdict *word;
    const double *refuted, *supported; /* [n] p of these words, after Holm over the n */
};

/* The smallest level at which the word is `refuted`: every way to it of a claim of direction
 * implies d < delta. */
static double p_refuted(enum claim_kind kind, const double *p) {
    return kind == CLAIM_DIRECTION ? p[EFFECT_NOT_ABOVE] : fmin(p[EFFECT_ABOVE], p[EFFECT_BELOW]);
}

static double p_supported(enum claim_kind kind, const double *p) {
    return p[kind == CLAIM_DIRECTION ? EFFECT_ABOVE : EFFECT_WITHIN];
}

static int find_word(const struct panel *panel, enum verdict word) {
    int i = 0;
    while (i < panel->n && panel->word[i] != word)
        i++;
    return i < panel->n ? i : -1;
}

/* The first with this word at the level, after Holm; -1: none. */
static int find_adjusted(const struct panel *panel, enum verdict word, const double *p,
                         double level) {
    for (int i = 0; i < panel->n; i++)
        if (panel->word[i] == word && p[i] <= level)
            return i;
    return -1;
}

/* The first that has none of the words, a list that VERDICT_INCONCLUSIVE ends; -1: all have. */
static int find_other(const struct panel *panel, const enum verdict *words) {
    for (int i = 0; i < panel->n; i++) {
        int w = 0;
        while (words[w] != VERDICT_INCONCLUSIVE && words[w] != panel->word[i])
            w++;
        if (words[w] == VERDICT_INCONCLUSIVE)
            return i;
    }
    return -1;
}

static struct ruling rule_one(const struct panel *panel, double level) {
    (void)level;
    return (struct ruling){panel->word[0], 0, false};
}

static struct ruling rule_all(const struct panel *panel, double level) {
    static const enum verdict weakest_first[] = {VERDICT_SMALL, VERDICT_SIGN_ONLY,
                                                 VERDICT_SUPPORTED, VERDICT_INCONCLUSIVE};
    int refuted = find_adjusted(panel, VERDICT_REFUTED, panel->refuted, level);
    if (refuted >= 0)
        return (struct ruling){VERDICT_REFUTED, refuted, false};
    int other = find_other(panel, weakest_first);
    if (other >= 0)
        return (struct ruling){VERDICT_INCONCLUSIVE, other, false};
    int w = 0;
    while (find_word(panel, weakest_first[w]) < 0)
        w++;
    return (struct ruling){weakest_first[w], find_word(panel, weakest_first[w]), false};
}

static struct ruling rule_depends(const struct panel *panel, double level) {
    static const enum verdict yes[] = {VERDICT_SUPPORTED, VERDICT_INCONCLUSIVE},
                              no[] = {VERDICT_REFUTED, VERDICT_INCONCLUSIVE},
                              either[] = {VERDICT_SUPPORTED, VERDICT_REFUTED, VERDICT_INCONCLUSIVE};
    if (find_other(panel, yes) < 0)
        return (struct ruling){VERDICT_SUPPORTED, 0, false};
    if (find_other(panel, no) < 0)
        return (struct ruling){VERDICT_REFUTED, 0, false};
    int for_it = find_adjusted(panel, VERDICT_SUPPORTED, panel->supported, level);
    int against = find_adjusted(panel, VERDICT_REFUTED, panel->refuted, level);
    if (for_it >= 0 && against >= 0)
        return (struct ruling){VERDICT_DEPENDS, against, false};
    int other = find_other(panel, either);
    return (struct ruling){VERDICT_INCONCLUSIVE, other >= 0 ? other : 0, false};
}

static struct ruling (*const rules[])(const struct panel *panel, double level) = {
    [RULE_ONE] = rule_one, [RULE_ALL] = rule_all, [RULE_DEPENDS] = rule_depends};

/* ---- premises ---- */

/* What a premise makes of the verdict: supported if all are met. */
static struct ruling ask_premises(int n, const struct ruled_question *questions, bool seeds_only) {
    struct ruling ruling = {VERDICT_SUPPORTED, 0, false};
    for (int i = 0; i < n && ruling.verdict != VERDICT_PREMISE_NOT_MET; i++) {
        const struct decision *decision = questions[i].decision;
        if (questions[i].role != ROLE_PREMISE)
            continue;
        enum verdict word = seeds_only ? decision->seeds_only : decision->verdict;
        if (word == VERDICT_REFUTED ||
            word == VERDICT_SMALL) /* small: it is settled not to exceed */
            ruling = (struct ruling){VERDICT_PREMISE_NOT_MET, i, false};
        else if (word != VERDICT_SUPPORTED && ruling.verdict == VERDICT_SUPPORTED)
            ruling = (struct ruling){VERDICT_INCONCLUSIVE, i, false};
    }
    return ruling;
}

/* ---- all together ---- */

static struct ruling apply(enum rule rule, int n, const struct ruled_question *questions,
                           bool seeds_only, struct pool *pool) {
    struct ruling premises = ask_premises(n, questions, seeds_only);
    if (premises.verdict != VERDICT_SUPPORTED)
        return premises;
    size_t room = (size_t)n + 1;
    int *place = pool_alloc(pool, room * sizeof *place), k = 0;
    enum verdict *word = pool_alloc(pool, room * sizeof *word);
    double *refuted = pool_alloc(pool, room * sizeof *refuted);
    double *supported = pool_alloc(pool, room * sizeof *supported), level = LEVEL;
    for (int i = 0; i < n; i++) {
        const struct decision *decision = questions[i].decision;
        if (questions[i].role != ROLE_DECIDES)
            continue;
        const struct finding *all = &decision->overall;
        const double *p = (seeds_only ? &all->seeds_only : &all->tests)->facts.p;
        place[k] = i;
        word[k] = seeds_only ? decision->seeds_only : decision->verdict;
        refuted[k] = p_refuted(decision->kind, p);
        supported[k++] = p_supported(decision->kind, p);
        level = decision->level;
    }
    holm_adjust(k, refuted);
    holm_adjust(k, supported);
    const struct panel panel = {k, place, word, refuted, supported};
    struct ruling ruling = rules[rule](&panel, level);
    ruling.question = place[ruling.question];
    return ruling;
}

struct ruling rule_apply(enum rule rule, int n, const struct ruled_question *questions) {
    struct pool pool = {0};
    struct decision **deciding = pool_alloc(&pool, ((size_t)n + 1) * sizeof *deciding);
    int k = 0;
    for (int i = 0; i < n; i++)
        if (questions[i].role == ROLE_DECIDES)
            deciding[k++] = questions[i].decision;
    decisions_settle(k, deciding);
    struct ruling ruling = apply(rule, n, questions, false, &pool);
    struct ruling by_seeds = apply(rule, n, questions, true, &pool);
    ruling.rows_only =
        ruling.verdict == VERDICT_INCONCLUSIVE && by_seeds.verdict != VERDICT_INCONCLUSIVE;
    pool_free(&pool);
    return ruling;
}

/* ---- may it be asked? ---- */

enum status rule_possible(enum rule rule, double level, int n,
                          const struct planned_question *questions) {
    int n_deciding = 0, n_tests = 0, n_seeds = 0;
    for (int i = 0; i < n; i++) {
        const struct planned_question *question = &questions[i];
        enum status status = question->role == ROLE_BESIDE
                                 ? OK
                                 : decision_possible(level, question->n_seeds, question->n_strata);
        if (status)
            return status;
        if (question->role != ROLE_DECIDES)
            continue;
        n_tests += question->n_strata;
        n_seeds = n_deciding++ && n_seeds < question->n_seeds ? n_seeds : question->n_seeds;
    }
    if (n_deciding < 1)
        return fail(ERROR_USAGE, "no question decides: give one the role 'decides'");
    if (rule == RULE_ONE && n_deciding > 1)
        return fail(
            ERROR_USAGE,
            "%d questions decide under the rule 'one': take the rule 'all' or 'depends', or "
            "leave one",
            n_deciding);
    if (n_deciding < 2 || sign_flip_floor(n_seeds) * n_tests <= level)
        return OK;
    int enough = n_seeds;
    while (!(sign_flip_floor(enough) * n_tests <= level))
        enough++;
    return fail(ERROR_USAGE,
                "%d seeds cannot decide %d questions with %d strata in all: take %d seeds, or "
                "fewer of them",
                n_seeds, n_deciding, n_tests, enough);
}
