/* log.probes: words that select probes by name. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/probe/probe.h"

static bool selected(enum probe_axis axis, const char *name, const char *words) {
    const struct probe *probe = probe_find(axis, name);
    cr_assert(probe, "no probe %s", name);
    return probe_selected(probe, words);
}

Test(probe_select, by_name_by_group_and_by_family) {
    cr_expect(selected(PROBE_LAYER, "weight_norm", "weight_norm"), "by name");
    cr_expect(selected(PROBE_LAYER, "weight_norm", " gamma,\tweight_norm\n"), "among others");
    cr_expect(selected(PROBE_LAYER, "weight_norm", "layer/weight_norm"), "by group and name");
    cr_expect(selected(PROBE_LAYER, "weight_norm", "layer"), "by family");
    cr_expect(selected(PROBE_UNITS, "running_mean", "vector"),
              "what normalizers declare, by family");
    cr_expect(selected(PROBE_EPOCH, "validation_error", "validation_error") &&
                  selected(PROBE_TRACE, "validation_error", "validation_error"),
              "a name on two axes selects both");
    cr_expect(!selected(PROBE_EPOCH, "validation_error", "trace/validation_error"),
              "a group selects one");
    cr_expect(!selected(PROBE_LAYER, "weight_norm", "") &&
                  !selected(PROBE_LAYER, "weight_norm", " , "),
              "nothing selects nothing");
    cr_expect(!selected(PROBE_LAYER, "weight_norm", "weight weight_norms trace/weight_norm"),
              "parts, longer words and other groups do not");
}

Test(probe_select, every_probe_can_be_selected) {
    struct pool pool = {0};
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        cr_expect(probe_selected(probe, probe->name) && probe_selected(probe, probe_family(probe)),
                  "%s", probe->name);
        cr_expect(!strpbrk(probe->name, " ,/\t\n"), "%s cannot be written in a list", probe->name);
        cr_expect(
            !probe_check_words(pool_format(&pool, "%s/%s", probe_group(probe->axis), probe->name)),
            "%s", status_message());
    }
    pool_free(&pool);
}

Test(probe_select, unknown_words_are_refused) {
    cr_expect(!probe_check_words("") && !probe_check_words("layer, gamma"), "those are known");
    cr_expect(probe_check_words("gamma weigth_norm") == ERROR_USAGE, "this is not");
    cr_expect_str_eq(status_message(),
                     "log.probes: no probe 'weigth_norm' (did you mean 'weight_norm'?)");
    cr_expect(probe_check_words("step/gamma") == ERROR_USAGE, "gamma is not a series along steps");
}

Test(probe_select, joined_words_select_both) {
    struct pool pool = {0};
    cr_expect_str_eq(probe_join_words("", " gamma, beta", &pool), "gamma beta");
    cr_expect_str_eq(probe_join_words("gamma trace", "trace beta", &pool), "gamma trace beta");
    cr_expect_str_eq(probe_join_words("gamma", "", &pool), "gamma");
    pool_free(&pool);
}
