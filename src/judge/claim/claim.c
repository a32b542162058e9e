/* From a file to a claim: its words, its questions, its computations, its runs. */
#include "judge/claim/claim.h"

#include <stddef.h>
#include <string.h>

enum { MOST_NUMBER = 9999 };

struct reading {
    struct claim *claim;
    struct pool *pool;
};

/* ---- claim: the words ---- */

static enum status read_numbers(const struct yaml_node *node, const struct field *field,
                                struct pool *pool, void *target) {
    struct claim *claim = target;
    const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
    int n = node->kind == YAML_LIST ? node->n : 1;
    long *numbers = pool_alloc(pool, ((size_t)n + 1) * sizeof *numbers);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++, item = item->next) {
        struct value value;
        status = field_value(item, field, pool, &value);
        if (!status)
            numbers[i] = value.integer;
    }
    claim->numbers = numbers;
    claim->n_numbers = n;
    return status;
}

static enum status read_decides(const struct yaml_node *node, const struct field *field,
                                struct pool *pool, void *target) {
    struct value decides = {0};
    enum status status = field_value(node, field, pool, &decides);
    ((struct claim *)target)->rule.by_computation = decides.integer == 1;
    return status;
}

static enum status read_table(const struct yaml_node *node, const struct field *field,
                              struct pool *pool, void *target) {
    struct value table = {0};
    enum status status = field_value(node, field, pool, &table);
    ((struct claim *)target)->has_effects = !status;
    return status;
}

#define MEMBER(member) .offset = offsetof(struct claim, member)
#define TEXT(member)                                                                               \
    .read = field_text, MEMBER(member), .form = FORM_ONE, .value = {.type = KEY_TEXT}
#define FLAG(member)                                                                               \
    .read = field_bool, MEMBER(member), .form = FORM_ONE, .value = {.type = KEY_BOOL}

static const struct field claim_fields[] = {
    {.name = "number",
     .read = read_numbers,
     .form = FORM_ONE | FORM_LIST,
     .value = {.type = KEY_INT, .min = 1, .max = MOST_NUMBER},
     .doc = "Its place in a list of claims, if there is one; several where it has several."},
    {.name = "notes",
     TEXT(notes),
     .doc = "Where it stands, a word for each source, such as `A B` or `Ioffe2015`; the page can "
            "be filtered by them."},
    {.name = "says",
     TEXT(says),
     .required = "says: what is claimed",
     .doc = "What is claimed, in a sentence."},
    {.name = "asks", TEXT(asks), .doc = "The question that is tried."},
    {.name = "known", TEXT(known), .doc = "What the literature says."},
    {.name = "expected",
     TEXT(expected),
     .doc = "The outcome that was expected, in a word or two; the rule never sees it."},
    {.name = "remark", TEXT(remark), .doc = "What a reader should know of the outcome."},
    {.name = "cannot", TEXT(cannot), .doc = "Why it cannot be tried here, in place of the rest."},
    {.name = "decides",
     .read = read_decides,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = "judge|compute"},
     .doc = "Whose verdict is the claim's; default: `judge` where there is one."},
    {.name = "rule",
     .read = claim_rule_read_rule,
     MEMBER(rule),
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = rule_words},
     .doc = "How the questions that decide give the verdict: it is that of the only one; that all "
            "are supported, or one is refuted; or that all come out alike, or differ. Default: "
            "`one`."},
    {.name = "table",
     .read = read_table,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = "effects"},
     .doc = "A table beside the verdict: of effects, with a row for each question in the unit of "
            "the first that decides (both arms, difference, intervals, ratio, delta, and the "
            "smallest effect that could have been decided)."},
    {.name = "looks",
     .read = claim_rule_read_looks,
     MEMBER(rule),
     .form = FORM_LIST,
     .value = {.type = KEY_INT, .min = 10, .max = 40},
     .what = "number",
     .like = "[10, 20, 40]",
     .doc = "More seeds after a look: the first so many of the study are looked at, each time at "
            "a level of its own, until there is a verdict."},
    {.name = "choosing_seeds",
     .read = claim_rule_read_choosing,
     MEMBER(rule),
     .form = FORM_LIST | FORM_SEQUENCE,
     .same_as = "seed",
     .what = "seed",
     .doc = "Seeds on which `over` chooses among an arm's runs, such as its learning rate, for all "
            "other seeds; they have no other part in the claim. The study's seeds begin with "
            "them, and looks do not count them."},
    {.name = "pilot",
     TEXT(rule.pilot),
     .doc = "What a pilot had seen before this was written down."},
    {.name = "seen_before",
     .read = claim_rule_read_seen_before,
     MEMBER(rule),
     .form = FORM_ENTRIES,
     .section = &seen_before_section,
     .doc = "Answers of earlier versions of the claim."},
    {.name = "universal",
     FLAG(universal),
     .doc = "The claim is of all its computations: one that fails refutes it."},
    {.name = "paper",
     TEXT(paper),
     .doc =
         "The paper and its section; then `copied`, `open`, `chosen`, `literal` and `cut` say the "
         "rest."},
    {.name = "copied", TEXT(copied), .doc = "What stands in the paper and was taken over."},
    {.name = "open", TEXT(left_open), .doc = "What does not stand there."},
    {.name = "chosen", TEXT(chosen), .doc = "What was taken in its place."},
    {.name = "literal", TEXT(literal), .doc = "The paper's own size, and what it costs."},
    {.name = "cut", TEXT(cut), .doc = "What was made smaller here."},
    {.name = "full_size",
     FLAG(full_size),
     .doc = "Nothing was made smaller: what is refuted here is refuted, not only not seen."},
    {.name = "supported",
     TEXT(outcome[VERDICT_SUPPORTED]),
     .doc = "The sentence for computations that all hold; for a rule over several questions."},
    {.name = "refuted",
     TEXT(outcome[VERDICT_REFUTED]),
     .doc = "The sentence for computations of which none holds; for a rule over several."},
    {.name = "depends",
     TEXT(outcome[VERDICT_DEPENDS]),
     .doc = "The sentence for some that hold; for the rule `depends`."},
};

const struct section claim_section = {
    .name = "claim",
    .doc = "What is claimed, in words.",
    SECTION_FIELDS(claim_fields),
    .like = "claim:\n"
            "  number: 1\n"
            "  notes: A\n"
            "  says: Batch norm needs large mini-batches.\n",
};

/* A reproduction says what it copied and what it did not. */
static enum status check_paper(const struct yaml_node *section) {
    static const char *const names[] = {"copied", "open", "chosen", "literal", "cut"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!node_find(section, names[i]))
            return section_fail_missing(&claim_section, section, names[i]);
    return OK;
}

static enum status read_words(struct reading *reading, const struct yaml_node *section) {
    struct claim *claim = reading->claim;
    enum status status = section_read(&claim_section, section, reading->pool, claim);
    claim->rule.origin = section->origin;
    if (claim->protocol) /* few seeds, looked at once */
        claim->rule.n_looks = 0;
    if (status)
        return status;
    return claim->paper ? check_paper(section) : OK;
}

/* ---- judge, compute ---- */

static void let_choose(const struct claim_rule *rule, struct metric *metric) {
    metric->n_choosing = rule->n_choosing;
    metric->choosing = rule->choosing;
}

/* Question n of a claim, by another name than those before it. */
static enum status read_question(struct pool *pool, const struct yaml_node *entry,
                                 struct claim_question *questions, int n) {
    enum status status = claim_question_read(entry, pool, &questions[n]);
    for (int i = 0; i < n && !status; i++)
        if (!strcmp(questions[i].name, questions[n].name))
            status = fail_at(
                fail(ERROR_USAGE, "judge: two questions are called '%s'", questions[n].name),
                entry->origin);
    return status;
}

/* The first that decides; NULL: none does. */
static const struct claim_question *first_deciding(const struct claim *claim) {
    for (int i = 0; i < claim->n_questions; i++)
        if (claim->questions[i].role == ROLE_DECIDES)
            return &claim->questions[i];
    return NULL;
}

static bool is_plain(const struct claim_question *question) {
    return !question->log2 && !question->more.metric.spread && !question->less.metric.spread;
}

bool claim_tables(const struct claim *claim, const struct claim_question *question) {
    const struct claim_question *first = first_deciding(claim);
    return claim->has_effects && first && is_plain(question) &&
           !strcmp(question->unit, first->unit);
}

static enum status check_table(const struct claim *claim) {
    const struct claim_question *first = first_deciding(claim);
    if (!claim->has_effects || (first && is_plain(first)))
        return OK;
    return fail_at(fail(ERROR_USAGE, "claim: table: effects needs a question that decides, whose "
                                     "difference is of figures as they are: neither transform nor "
                                     "spread"),
                   claim->rule.origin);
}

static enum status read_questions(struct reading *reading, const struct yaml_node *section) {
    struct claim_question *questions =
        pool_alloc(reading->pool, ((size_t)section->n + 1) * sizeof *questions);
    enum status status = OK;
    int n = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next)
        status = read_question(reading->pool, entry, questions, n++);
    for (int i = 0; i < n; i++) {
        bool decides = i == 0 && !reading->claim->rule.by_computation;
        if (!questions[i].has_role)
            questions[i].role = decides ? ROLE_DECIDES : ROLE_BESIDE;
        let_choose(&reading->claim->rule, &questions[i].more.metric);
        let_choose(&reading->claim->rule, &questions[i].less.metric);
    }
    reading->claim->questions = questions;
    reading->claim->n_questions = n;
    return status;
}

static enum status read_computations(struct reading *reading, const struct yaml_node *section) {
    struct computation *computations =
        pool_alloc(reading->pool, ((size_t)section->n + 1) * sizeof *computations);
    enum status status = OK;
    int n = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next)
        status = computation_read(entry, reading->pool, &computations[n++]);
    reading->claim->computations = computations;
    reading->claim->n_computations = n;
    return status;
}

/* ---- the file ---- */

/* Computations may hold in part; of the rules over questions only `depends` can say so. */
static enum status check_sentences(const struct claim *claim) {
    bool computed = claim->n_computations && claim->rule.by_computation;
    bool several = !claim->rule.by_computation && claim->rule.rule != RULE_ONE;
    bool depends = computed || claim->rule.rule == RULE_DEPENDS;
    for (int v = 0; v <= VERDICT_DEPENDS && (computed || several); v++)
        if (!claim->outcome[v] && (v != VERDICT_DEPENDS || depends))
            return fail_at(fail(ERROR_USAGE, "claim: has no sentence for the outcome '%s'",
                                verdict_name((enum verdict)v)),
                           claim->rule.origin);
    return OK;
}

static enum status read_sections(struct reading *reading, const struct yaml_node *root) {
    struct claim *claim = reading->claim;
    const struct yaml_node *words = node_find(root, "claim"), *judge = node_find(root, "judge"),
                           *compute = node_find(root, "compute");
    enum status status = OK;
    if (!words)
        status = fail_at(fail(ERROR_USAGE, "is no claim: it has no section claim"), root->origin);
    if (!status && words->kind != YAML_MAP)
        status = fail_at(fail(ERROR_USAGE, "claim: must be a map, like {number: 1, says: ...}"),
                         words->origin);
    if (!status && judge && judge->kind != YAML_LIST)
        status = fail_at(fail(ERROR_USAGE, "judge: must be a list of questions"), judge->origin);
    if (!status && compute && compute->kind != YAML_LIST)
        status =
            fail_at(fail(ERROR_USAGE, "compute: must be a list, of {what: ...}"), compute->origin);
    if (!status)
        status = read_words(reading, words);
    if (!status && judge)
        status = read_questions(reading, judge);
    if (!status && compute)
        status = read_computations(reading, compute);
    if (!status && !judge && !compute && !claim->cannot)
        status = section_fail_missing(&claim_section, words,
                                      "section judge or compute, nor cannot: a reason");
    if (!judge)
        claim->rule.by_computation = true;
    if (!claim->title)
        claim->title = claim->says;
    if (!status)
        status = check_table(claim);
    return status ? status : check_sentences(claim);
}

static enum status read_names(struct reading *reading, const struct yaml_node *root) {
    struct claim *claim = reading->claim;
    const struct yaml_node *name = node_find(root, "name"), *title = node_find(root, "title");
    if (!name)
        return fail_at(fail(ERROR_USAGE, "has no name: its place on the page"), root->origin);
    enum status status = node_name(name, &claim->name);
    return status || !title ? status : node_text(title, reading->pool, &claim->title);
}

static enum status read_experiment(struct claim *claim) {
    if (claim->n_questions == 0)
        return OK;
    const char *protocol =
        claim->protocol ? pool_format(&claim->pool, "protocol=%s", claim->protocol) : NULL;
    enum status status =
        experiment_read(claim->file, protocol != NULL, &protocol, &claim->experiment);
    claim->has_runs = !status;
    return status;
}

/* Before anything is trained: can the answers be significant at all? A protocol may have one
 * stratum of each question. */
static enum status check_rule(const struct claim *claim) {
    int place = 0, n_choosing = claim->rule.n_choosing;
    const struct axis *seeds = experiment_axis(&claim->experiment, key_find("seed"), &place);
    int n_seeds = seeds ? seeds->n_values : 1;
    for (int i = 0; i < n_choosing; i++)
        if (!seeds || i >= n_seeds ||
            seeds->values[(long)place * n_seeds + i].integer != claim->rule.choosing[i].integer)
            return fail_at(fail(ERROR_USAGE, "claim: choosing_seeds: the seeds of the runs must "
                                             "begin with them"),
                           claim->rule.origin);
    return claim_rule_check(&claim->rule, claim->n_questions, claim->questions,
                            n_seeds - n_choosing, !claim->protocol);
}

enum status claim_read(const char *file, const char *protocol, struct claim *result) {
    struct claim claim = {.protocol = protocol};
    struct reading reading = {&claim, &claim.pool};
    struct yaml_node *root = NULL;
    claim.file = pool_text(&claim.pool, file);
    enum status status = fields_read_file(file, &claim.pool, &root);
    if (!status)
        status = read_names(&reading, root);
    if (!status)
        status = read_sections(&reading, root);
    if (!status)
        status = read_experiment(&claim);
    if (!status && claim.has_runs)
        status = check_rule(&claim);
    if (status) {
        claim_free(&claim);
        return status;
    }
    *result = claim;
    return OK;
}

bool claim_is_shortened(const struct claim *claim) {
    const char *protocol = claim->protocol ? claim->protocol : "full";
    bool own_size = claim->full_size && !strcmp(protocol, "full");
    return claim->paper && !claim->rule.by_computation && !own_size &&
           strcmp(protocol, "literal") != 0;
}

void claim_free(struct claim *claim) {
    if (claim->has_runs)
        experiment_free(&claim->experiment);
    pool_free(&claim->pool);
    *claim = (struct claim){0};
}
