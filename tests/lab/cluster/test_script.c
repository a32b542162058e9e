/* Templates are filled, or it is said what is wrong with them. */
#include "lab/cluster/script.h"

#include <criterion/criterion.h>

static struct pool pool;

static void end(void) {
    pool_free(&pool);
}

TestSuite(script, .fini = end);

static const struct script_value values[] = {{"name", "smoke"}, {"none", ""}, {"time", "1:00:00"}};

static enum status fill(const char *text, const char **script) {
    return script_fill("t.sh", text, 3, values, &pool, script);
}

Test(script, names_are_replaced_wherever_they_stand) {
    const char *script;
    cr_assert(fill("a {{name}}\n\n#{{name}}{{time}} ${x} { } }}\nb{{none}}c", &script) == OK, "%s",
              status_message());
    cr_expect_str_eq(script, "a smoke\n\n#smoke1:00:00 ${x} { } }}\nbc\n");
}

Test(script, a_line_that_begins_with_nothing_is_left_out) {
    const char *script;
    cr_assert(fill("a\n{{none}} || status=$?\nb\n", &script) == OK, "%s", status_message());
    cr_expect_str_eq(script, "a\nb\n");
}

Test(script, what_is_wrong_is_told_with_its_line) {
    const char *script = NULL;
    cr_expect(fill("a\n\n{{tme}}\n", &script) == ERROR_USAGE && !script, "it was filled");
    cr_expect_str_eq(status_message(),
                     "t.sh:3: nothing is called {{tme}} (did you mean {{time}}?)");
    cr_expect(fill("{{name\n}}", &script) == ERROR_USAGE && !script, "it was filled");
    cr_expect_str_eq(status_message(), "t.sh:1: {{ without }}");
}

/* As Slurm 22.05.8 was seen to read them (scripts/check-slurm.sh sends such a word). */
Test(script, words_for_sbatch_are_quoted_as_it_reads_them) {
    static const char *const words[][2] = {{"--time=1:00:00", "--time=1:00:00"},
                                           {"a b", "\"a b\""},
                                           {"a#b", "\"a#b\""},
                                           {"it's", "\"it's\""},
                                           {"a\"b\\c", "\"a\\\"b\\\\c\""},
                                           {"/d\xc3\xb6r/%A", "\"/d\xc3\xb6r/%A\""}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *quoted;
        cr_assert(script_sbatch_word(words[i][0], &pool, &quoted) == OK, "%s", status_message());
        cr_expect_str_eq(quoted, words[i][1]);
    }
    const char *quoted = NULL;
    cr_expect(script_sbatch_word("a\n#SBATCH -A x", &pool, &quoted) == ERROR_USAGE,
              "a second line");
    cr_expect(script_sbatch_word("\x1b[2J", &pool, &quoted) == ERROR_USAGE, "a terminal obeys it");
}
