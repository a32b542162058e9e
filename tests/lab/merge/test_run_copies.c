/* One run finished in two folders: the same, or named. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "lab/merge/merge_file.h"
#include "lab/merge/merge_folders.h"
#include "lab/store/store.h"
#include "tests/lab/runner/sweep.h"

TestSuite(run_copies, .timeout = 300);

/* Two folders, each with the whole of the small sweep. */
struct two {
    struct sweep sweeps[2];
    char dirs[2][256];
    const char *both[2];
};

static void two_create(struct two *two, const char *const *overrides) {
    static const char *const none[] = {NULL};
    for (int i = 0; i < 2; i++) {
        sweep_create(&two->sweeps[i], sweep_small, i ? overrides : none);
        sweep_trains(&two->sweeps[i], 4);
        snprintf(two->dirs[i], sizeof two->dirs[i], "%s", sweep_dir(&two->sweeps[i]));
        two->both[i] = two->dirs[i];
    }
}

static void two_free(struct two *two) {
    sweep_free(&two->sweeps[0]);
    sweep_free(&two->sweeps[1]);
}

static struct attribute *find(struct attributes *list, const char *name) {
    for (int i = 0; i < list->n; i++)
        if (!strcmp(list->items[i].name, name))
            return &list->items[i];
    cr_assert_fail("no attribute %s", name);
    return NULL;
}

/* What another machine, or a failing one, would have left of run `run`. */
static void made_elsewhere(const struct sweep *sweep, int run, const char *metric) {
    struct record record;
    cr_assert(store_read_run(sweep_path(sweep, run), &record) == OK, "%s", status_message());
    find(&record.provenance, "processor")->text = "Another Processor";
    find(&record.provenance, "products")->text = "own, other";
    find(&record.final, "train_s")->real = 99;
    if (metric)
        find(&record.final, metric)->real = 0.123;
    cr_assert(store_write_run(sweep_dir(sweep), &record) == OK, "%s", status_message());
    record_free(&record);
}

static void merge_both(const struct two *two, struct merge *merge) {
    cr_assert(merge_folders(merge, 2, two->both) == OK, "%s", status_message());
    cr_expect(merge->n_missing == 0, "%d are missing", merge->n_missing);
}

Test(run_copies, the_same_results_of_two_machines_are_counted) {
    struct two two;
    struct merge merge;
    struct pool pool = {0};
    two_create(&two, (const char *const[]){NULL});
    made_elsewhere(&two.sweeps[1], 2, NULL);
    merge_both(&two, &merge);
    cr_expect(merge.n_copies == 4 && merge.n_differ == 0, "%d copies, %d differ", merge.n_copies,
              merge.n_differ);
    cr_expect(!run_kinds_text(&merge.kinds, &pool), "the files that are taken are of one kind: %s",
              run_kinds_text(&merge.kinds, &pool));
    cr_expect(merge_write(&merge, sweep_merged(&two.sweeps[0])) == OK, "%s", status_message());
    merge_free(&merge);
    two_free(&two);
}

Test(run_copies, other_results_are_named_and_not_merged) {
    struct two two;
    struct merge merge;
    two_create(&two, (const char *const[]){NULL});
    made_elsewhere(&two.sweeps[1], 1, "test_error");
    merge_both(&two, &merge);
    cr_assert(merge.n_copies == 3 && merge.n_differ == 1, "%d copies, %d differ", merge.n_copies,
              merge.n_differ);
    char host[128] = "(host ";
    cr_assert(gethostname(host + 6, sizeof host - 7) == 0, "no host name");
    const char *text = merge.disagreements[0];
    const char *const words[] = {two.sweeps[0].plan.runs[1].id,
                                 "seed=1",
                                 "test_error is 0.",
                                 sweep_path(&two.sweeps[0], 1),
                                 "and 0.123 in",
                                 sweep_path(&two.sweeps[1], 1),
                                 host,
                                 ", Another Processor, normlab "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect(strstr(text, words[i]), "no '%s' in: %s", words[i], text);
    cr_expect(!strstr(text, "train_s"), "a clock is no result: %s", text);
    cr_expect(merge_write(&merge, sweep_merged(&two.sweeps[0])) == ERROR_RESULTS, "it is merged");
    merge_free(&merge);
    two_free(&two);
}

/* A copy that logs more has more: no contradiction. */
Test(run_copies, what_both_have_is_compared) {
    struct two two;
    struct merge merge;
    two_create(&two, (const char *const[]){"log.level=full", "log.test=final", NULL});
    merge_both(&two, &merge);
    cr_expect(merge.n_copies == 4 && merge.n_differ == 0, "%d copies, %d differ: %s",
              merge.n_copies, merge.n_differ, merge.n_differ ? merge.disagreements[0] : "");
    merge_free(&merge);
    made_elsewhere(&two.sweeps[1], 0, "train_loss");
    merge_both(&two, &merge);
    cr_expect(merge.n_differ == 1 && strstr(merge.disagreements[0], "train_loss is "),
              "another loss passes");
    merge_free(&merge);
    two_free(&two);
}

Test(run_copies, a_folder_named_twice_has_no_copies) {
    struct two two;
    struct merge merge;
    two_create(&two, (const char *const[]){NULL});
    two.both[1] = two.both[0];
    merge_both(&two, &merge);
    cr_expect(merge.n_copies == 0, "%d copies", merge.n_copies);
    merge_free(&merge);
    two_free(&two);
}

Test(run_copies, runs_of_several_kinds_are_counted) {
    struct two two;
    struct merge merge;
    struct pool pool = {0};
    two_create(&two, (const char *const[]){NULL});
    made_elsewhere(&two.sweeps[0], 2, NULL);
    merge_both(&two, &merge);
    const char *text = run_kinds_text(&merge.kinds, &pool);
    cr_assert(text, "they are of two kinds");
    cr_expect(strstr(text, "2 processors: ") && strstr(text, " (3 runs), Another Processor (1)") &&
                  strstr(text, "; 2 builds: normlab ") && strstr(text, "own, other) (1)"),
              "%s", text);
    merge_free(&merge);
    pool_free(&pool);
    two_free(&two);
}
