/* What describe and list say, caught from standard output. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file_format.h"
#include "engine/norm/normalizer.h"
#include "engine/probe/probe.h"
#include "io/files.h"
#include "lab/config/keys.h"
#include "tests/cli/capture.h"

static char said[1 << 17];

TestSuite(describe, .init = cr_redirect_stdout);

enum { WORDS = 6 };

#define RUN(...)                                                                                   \
    capture_command((const char *const[WORDS]){"normlab", __VA_ARGS__}, sizeof said, said)

static void expect(const char *part) {
    cr_expect(strstr(said, part), "no '%s' in\n%s", part, said);
}

Test(describe, momentum_says_type_range_default_unit_and_what_others_call_it) {
    cr_assert(RUN("describe", "norm.momentum") == OK, "%s", status_message());
    expect("norm.momentum\n");
    expect("Share of the old value in running statistics");
    expect("number\n");
    expect("0 to 1\n");
    expect("0.9\n");
    expect("none\n");
    expect("PyTorch's momentum is one minus it");
    expect("Keras");
}

Test(describe, without_a_key_all_keys_have_a_line) {
    cr_assert(RUN("describe") == OK, "%s", status_message());
    for (int i = 0; i < key_count(); i++) {
        expect(key_get(i)->name);
        expect(key_get(i)->doc);
    }
}

Test(describe, a_group_has_its_keys_and_no_others) {
    cr_assert(RUN("describe", "optimizer") == OK, "%s", status_message());
    expect("optimizer.lr_scaling");
    cr_expect(!strstr(said, "norm.momentum") && !strstr(said, "train.epochs"), "others in\n%s",
              said);
}

Test(describe, a_group_may_end_with_a_dot) {
    cr_assert(RUN("describe", "norm.") == OK, "%s", status_message());
    expect("norm.placement");
}

Test(describe, normalizers_probes_and_final_figures_are_known_too) {
    cr_assert(RUN("describe", "batch") == OK, "%s", status_message());
    expect("gamma");
    expect("running_var");
}

Test(describe, a_final_figure) {
    cr_assert(RUN("describe", "test_error_scored") == OK, "%s", status_message());
    expect("best constant prediction");
}

Test(describe, a_series_is_known_by_the_name_it_has_in_the_results) {
    cr_assert(RUN("describe", "step/train_loss") == OK, "%s", status_message());
    expect("step/train_loss (a probe)");
    cr_expect(!strstr(said, "epoch/"), "another group's in\n%s", said);
    cr_assert(RUN("describe", "epoch/test_eror") == ERROR_USAGE, "epoch/test_eror is known");
    cr_assert(strstr(status_message(), "did you mean 'epoch/test_error'?"), "%s", status_message());
    cr_assert(RUN("describe", "tst_error_scored") == ERROR_USAGE, "tst_error_scored is known");
    cr_assert(strstr(status_message(), "did you mean 'test_error_scored'?"), "%s",
              status_message());
}

Test(describe, an_unknown_key_is_an_error_that_says_which_was_meant) {
    cr_assert(RUN("describe", "norm.momentun") == ERROR_USAGE, "norm.momentun is known");
    cr_assert(strstr(status_message(), "did you mean 'norm.momentum'?"), "%s", status_message());
    cr_assert(RUN("describe", "val_error") == ERROR_USAGE, "val_error is known");
    cr_assert(strstr(status_message(), "did you mean 'validation_error'?"), "%s", status_message());
    cr_assert(RUN("describe", "test_acc") == ERROR_USAGE, "test_acc is known");
    cr_assert(strstr(status_message(), "did you mean 'test_error', 1 - accuracy?"), "%s",
              status_message());
}

Test(describe, a_last_word_is_enough) {
    cr_assert(RUN("describe", "batch_size") == OK, "%s", status_message());
    expect("train.batch_size\n");
    expect("Rows of a mini-batch");
}

Test(describe, a_last_word_of_a_key_and_a_probe_is_both) {
    cr_assert(RUN("describe", "lr") == OK, "%s", status_message());
    expect("optimizer.lr\n");
    expect("\n\nstep/lr (a probe)");
}

Test(describe, a_last_word_of_several_keys_lists_them) {
    cr_assert(RUN("describe", "momentum") == OK, "%s", status_message());
    expect("norm.momentum ");
    expect("optimizer.momentum ");
    cr_expect(!strstr(said, "norm.eps"), "others in\n%s", said);
}

Test(describe, list_normalizers_has_each_of_the_registry) {
    cr_assert(RUN("list", "normalizers", "--tsv") == OK, "%s", status_message());
    for (int i = 0; i < normalizer_count(); i++) {
        char line[64];
        snprintf(line, sizeof line, "\n%s\t", normalizer_get(i)->name);
        expect(line);
        expect(normalizer_get(i)->summary);
    }
}

Test(describe, list_probes_has_each_of_the_table) {
    cr_assert(RUN("list", "probes", "--tsv") == OK, "%s", status_message());
    for (int i = 0; i < probe_count(); i++) {
        char line[96];
        snprintf(line, sizeof line, "\n%s\t%s\t%s\t", probe_get(i)->name,
                 probe_family(probe_get(i)), probe_group(probe_get(i)->axis));
        expect(line);
    }
}

Test(describe, list_refuses_what_it_does_not_know) {
    cr_assert(RUN("list", "normaliser") == ERROR_USAGE, "normaliser is known");
    cr_assert(strstr(status_message(), "did you mean 'normalizers'?"), "%s", status_message());
    cr_assert(RUN("list", "runs") == ERROR_USAGE, "runs of no file");
    cr_assert(strstr(status_message(), "RESULTS.h5"), "%s", status_message());
    cr_assert(RUN("list", "probes", "x") == ERROR_USAGE, "probes x");
    cr_assert(RUN("list", "experiments", "/nonexistent") == ERROR_USAGE, "/nonexistent");
    cr_assert(RUN("list", "runs", "/nonexistent.h5") == ERROR_RESULTS, "/nonexistent.h5: %s",
              status_message());
}

static void expect_page(const char *path, const char *text) {
    struct pool pool = {0};
    char *page = NULL;
    cr_assert(file_read(path, &pool, &page) == OK, "%s", status_message());
    for (int i = 0; i < key_count(); i++)
        cr_expect(strstr(text, key_get(i)->name), "no %s", key_get(i)->name);
    cr_assert(!strcmp(text, page), "%s is not what the program prints; write it anew: make pages",
              path);
    pool_free(&pool);
}

Test(describe, the_reference_of_the_file_format_is_the_committed_page) {
    unsetenv("COLUMNS");
    cr_assert(RUN("describe", "file") == OK, "%s", status_message());
    expect_page("docs/experiment-file.md", said);
}

/* Two alike would have one anchor. */
Test(describe, headings_of_the_reference_differ) {
    cr_assert(RUN("describe", "file") == OK, "%s", status_message());
    struct pool pool = {0};
    int n = 0;
    for (const char *at = said; (at = strstr(at, "\n#")); at++, n++) {
        int size = (int)strcspn(at + 1, "\n") + 2;
        const char *heading = pool_format(&pool, "%.*s", size, at);
        cr_expect(!strstr(at + 1, heading), "twice:%s", heading);
    }
    cr_expect(n > 20, "%d headings", n);
    pool_free(&pool);
}

/* Words of the tables stay whole; nothing else sticks out. */
Test(describe, the_reference_fits_a_narrow_terminal) {
    static const int widths[] = {60, 80, 140};
    for (int i = 0; i < 3; i++) {
        FILE *out = tmpfile();
        char line[512];
        cr_assert(out);
        file_format_print(out, widths[i]);
        rewind(out);
        while (fgets(line, sizeof line, out)) {
            line[strcspn(line, "\n")] = '\0';
            bool fits = strlen(line) <= (size_t)widths[i] || !strncmp(line, "    ", 4);
            cr_expect(fits, "%d columns: %s", widths[i], line);
        }
        fclose(out);
    }
}

Test(describe, the_schema_of_experiment_files_is_the_committed_one) {
    char *text = NULL; /* more than a pipe holds */
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert(out);
    file_schema_print(out);
    fclose(out);
    expect_page("experiments/schema.json", text);
    free(text);
    cr_expect(RUN("describe", "zip", "--schema") == ERROR_USAGE, "--schema with a name");
}

Test(describe, the_old_name_of_the_reference_warns) {
    cr_redirect_stderr();
    cr_assert(RUN("describe", "experiment-file") == OK, "%s", status_message());
    char warning[256] = "";
    fflush(stderr);
    cr_assert(fread(warning, 1, sizeof warning - 1, cr_get_redirected_stderr()) > 0);
    cr_expect(strstr(warning, "the old name of `describe file`"), "%s", warning);
}

/* ---- parts of the file format ---- */

static const char *const file_parts[] = {
    "schema",  "name", "title", "base",  "sweep",   "zip",        "exclude", "figures",  "quick",
    "literal", "tune", "claim", "judge", "compute", "experiment", "range",   "logrange", "sample"};

Test(describe, each_section_of_a_file_can_be_described) {
    for (size_t i = 0; i < sizeof file_parts / sizeof *file_parts; i++) {
        char line[32];
        snprintf(line, sizeof line, "- `%s`: ", file_parts[i]);
        cr_assert(RUN("describe", file_parts[i]) == OK, "%s", status_message());
        expect(line);
        cr_expect(file_format_part((int)i) && !strcmp(file_format_part((int)i), file_parts[i]),
                  "part %zu is not %s", i, file_parts[i]);
    }
    cr_expect(!file_format_part(sizeof file_parts / sizeof *file_parts));
    cr_assert(RUN("describe", "tune") == OK);
    expect("`same_grid_within`");
    cr_assert(RUN("describe", "over") == OK);
    expect("take `largest_below`");
    cr_assert(RUN("describe", "zipp") == ERROR_USAGE);
    cr_assert(strstr(status_message(), "did you mean 'zip'?"), "%s", status_message());
}
