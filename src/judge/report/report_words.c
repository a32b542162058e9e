/* Names, settings and numbers as people read them. */
#include "judge/report/report_words.h"

#include <math.h>
#include <string.h>

#include "judge/tune/tuned_comment.h"
#include "lab/table/spoken_names.h"

/* What has no "=" before the next comma goes on with the value before it: "[100, 100]". */
const char *report_stratum(const char *stratum, struct pool *pool) {
    const char *words = "", *separator = "";
    while (*stratum) {
        int length = (int)strcspn(stratum, ","), key = (int)strcspn(stratum, "=,");
        words = key < length
                    ? pool_format(pool, "%s%s%s %.*s", words, separator,
                                  key_spoken(pool_format(pool, "%.*s", key, stratum), pool),
                                  length - key - 1, stratum + key + 1)
                    : pool_format(pool, "%s%s%.*s", words, separator, length, stratum);
        stratum += length;
        separator = *stratum ? ", " : "";
        stratum += strspn(stratum, ", ");
    }
    return words;
}

bool report_is_sentence(const char *text) {
    size_t length = strlen(text);
    return length && strchr(".?!", text[length - 1]);
}

/* ---- what was run ---- */

/* "hidden layers 100-100-100" unless the key is varied or does not apply. */
static const char *add_value(const char *text, const struct experiment *experiment,
                             const char *before, const char *name, const char *after,
                             struct pool *pool) {
    int key = key_find(name);
    if (experiment_axis(experiment, key, NULL) || !cell_applies(&experiment->base, key))
        return text;
    const char *value =
        list_words(value_text(key_get(key), &experiment->base.values[key], pool), pool);
    return pool_format(pool, "%s, %s%s%s", text, before, *value ? value : "none", after);
}

static const char *add_varied(const char *text, const struct experiment *experiment,
                              struct pool *pool) {
    const char *separator = "; varied: ";
    for (int a = 0; a < experiment->n_axes; a++)
        for (int k = 0; k < experiment->axes[a].n_keys; k++) {
            text = pool_format(pool, "%s%s%s", text, separator,
                               key_get(experiment->axes[a].keys[k])->name);
            separator = ", ";
        }
    return text;
}

static const char *rate_words(const struct claim *claim) {
    if (tuned_comment_is_in(claim->experiment.text))
        return "Learning rates were tuned for each arm on validation data, with other seeds.";
    for (int i = 0; i < claim->n_questions; i++) {
        const char *over = claim->questions[i].more.metric.over_key;
        if (over && !strcmp(over, "optimizer.lr"))
            return claim->rule.n_choosing
                       ? "Each arm is taken at the learning rate that was best for it on other "
                         "seeds, unless one is named."
                       : "Each arm is taken at the best of the learning rates tried, unless one is "
                         "named.";
    }
    return experiment_axis(&claim->experiment, key_find("optimizer.lr"), NULL)
               ? "Learning rates are as named."
               : "One learning rate serves all arms.";
}

const char *report_setting(const struct claim *claim, struct pool *pool) {
    const struct experiment *experiment = &claim->experiment;
    const char *title = experiment->title ? experiment->title : experiment->name;
    const char *text =
        pool_format(pool, "%s%s %s", title, report_is_sentence(title) ? "" : ":",
                    value_text(key_get(key_find("data.name")),
                               &experiment->base.values[key_find("data.name")], pool));
    text = add_value(text, experiment, "hidden layers ", "model.hidden", "", pool);
    text = add_value(text, experiment, "", "model.activation", "", pool);
    text = add_value(text, experiment, "mini-batches of ", "train.batch_size", " rows", pool);
    return pool_format(pool, "%s. %s", add_varied(text, experiment, pool), rate_words(claim));
}

const char *report_class(const char *word, struct pool *pool) {
    char *name = pool_text(pool, word), *end = name;
    for (const char *c = word; *c; c++)
        if (*c != '(' && *c != ')')
            *end++ = *c == ' ' ? '-' : *c;
    *end = '\0';
    return name;
}

/* ---- verdicts ---- */

static const struct {
    const char *word, *meaning;
} meanings[] = {
    {"supported", "what is claimed is there, by more than the smallest difference that matters"},
    {"refuted", "it is not there, or it is the other way round"},
    {"depends", "it is there under some conditions and not under others"},
    {"inconclusive", "these runs do not decide"},
    {"small", "it is there, but smaller than what was declared to matter"},
    {"sign only", "its direction is settled; whether it is large enough to matter is not"},
    {"premise not met", "what the claim takes for granted does not hold here"},
    {"seen", "as in the paper"},
    {"not seen", "other than in the paper, which may be due to the shortening"},
    {"open", "runs are missing"},
    {"not tried", "it cannot be tried here; its section says why"},
};

const char *report_meaning(const char *word, struct pool *pool) {
    static const char shortened[] = " (shortened)";
    size_t length = strlen(word), tail = strlen(shortened);
    bool is_shortened = length > tail && !strcmp(word + length - tail, shortened);
    length -= is_shortened ? tail : 0;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strlen(meanings[i].word) == length && !strncmp(meanings[i].word, word, length))
            return is_shortened
                       ? pool_format(pool, "%s; runs shorter than the paper's", meanings[i].meaning)
                       : meanings[i].meaning;
    return NULL;
}

/* ---- numbers ---- */

/* -0.00 is 0. */
static double rounded_to(double value, int decimals) {
    double unit = pow(10, -decimals);
    return fabs(value) < unit / 2 ? 0 : value;
}

const char *report_number(double value, double width, struct pool *pool) {
    enum { MOST_DECIMALS = 9 };
    if (!(width > 0) || !isfinite(width) || !isfinite(value))
        return pool_format(pool, "%.4g", value);
    int decimals = 1 - (int)floor(log10(width));
    decimals = decimals < 0 ? 0 : decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals;
    return pool_format(pool, "%.*f", decimals, rounded_to(value, decimals));
}
