/* What is reused, what is trained again, and what a file that is replaced must not lose. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/journal/journals.h"
#include "lab/store/store.h"
#include "tests/lab/runner/sweep.h"

TestSuite(reuse, .timeout = 300);

Test(reuse, one_file_deleted_is_one_run_trained) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    unlink(sweep_path(&sweep, 2));
    sweep_trains(&sweep, 1);
    cr_assert(sweep_count_events(&sweep, 2, "start", NULL) == 2, "it was another run");
    sweep_free(&sweep);
}

Test(reuse, one_more_value_is_its_runs_trained) {
    static const char *const more[] = {"seed=0,1,2", NULL};
    struct sweep sweep;
    struct table summary;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, more);
    sweep_trains(&sweep, 2);
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert(summary.n_rows == 6, "%d rows, not 6", summary.n_rows);
    table_free(&summary);

    /* and back: nothing is trained, the merged file has only what is planned, the rest is kept */
    sweep_change(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 0);
    sweep_expect_said(&sweep, "2 runs of other versions kept");
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert(summary.n_rows == 4, "%d rows, not 4", summary.n_rows);
    cr_assert(sweep_count_files(&sweep, ".h5") == 6, "runs of another version were removed");
    table_free(&summary);
    sweep_free(&sweep);
}

static void truncate_to(const char *path, off_t size) {
    cr_assert(truncate(path, size) == 0, "cannot truncate %s", path);
}

Test(reuse, damaged_files_are_trained_again) {
    struct sweep sweep;
    struct stat about;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    stat(sweep_path(&sweep, 0), &about);
    truncate_to(sweep_path(&sweep, 0), about.st_size / 2);
    truncate_to(sweep_path(&sweep, 1), 0);
    FILE *file = fopen(sweep_path(&sweep, 2), "w");
    fputs("this is no HDF5 file", file);
    fclose(file);
    sweep_trains(&sweep, 3);
    cr_assert(sweep_count_events(&sweep, 3, "start", NULL) == 1, "the good file was trained again");
    for (int run = 0; run < 4; run++) {
        char line[300];
        snprintf(line, sizeof line, "%s is damaged and is trained again\n",
                 sweep_path(&sweep, run));
        cr_assert((run < 3) == (strstr(sweep.said, line) != NULL), "run %d:\n%s", run, sweep.said);
    }
    sweep_free(&sweep);
}

Test(reuse, a_file_with_another_runs_content_is_not_believed) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    cr_assert(rename(sweep_path(&sweep, 0), sweep_path(&sweep, 1)) == 0, "cannot rename");
    sweep_trains(&sweep, 2);
    sweep_free(&sweep);
}

Test(reuse, more_to_log_is_done_again_less_is_not) {
    static const char *const full[] = {"log.level=full", NULL};
    static const char *const economy[] = {"log.level=economy", NULL};
    static const char *const weights[] = {"log.level=economy", "log.weights=final", NULL};
    static const char *const both[] = {"log.level=economy", "log.weights=both", NULL};
    static const char *const initial[] = {"log.level=economy", "log.weights=initial", NULL};
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, economy);
    sweep_trains(&sweep, 0);
    sweep_change(&sweep, sweep_small, full);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 0);
    sweep_change(&sweep, sweep_small, weights);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, both);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, initial);
    sweep_trains(&sweep, 0);
    sweep_free(&sweep);
}

static void expect_config(const struct record *record, const char *name, const char *value) {
    const struct attribute *attribute = attributes_find(&record->config, name);
    cr_assert(attribute, "no %s", name);
    cr_assert_str_eq(attribute->text, value, "%s is %s", name, attribute->text);
}

Test(reuse, to_log_something_else_loses_nothing) {
    static const char *const weights[] = {"log.level=economy", "log.weights=initial",
                                          "log.test=epoch", NULL};
    static const char *const full[] = {"log.level=full", "log.weights=final", "log.test=never",
                                       NULL};
    struct sweep sweep;
    struct record record = {0};
    sweep_create(&sweep, sweep_small, weights);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, full);
    sweep_trains(&sweep, 4);
    cr_assert(store_read_run(sweep_path(&sweep, 0), &record) == OK, "%s", status_message());
    expect_config(&record, "log.level", "full");
    expect_config(&record, "log.weights", "both");
    expect_config(&record, "log.test", "epoch");
    cr_assert(record_find_series(&record, "weights/initial/layer0", "W"), "weights were lost");
    cr_assert(record_find_series(&record, "weights/final/layer0", "W"), "weights are not there");
    cr_assert(record_find_series(&record, "epoch", "test_error"), "the curve of the test was lost");
    record_free(&record);
    sweep_change(&sweep, sweep_small, weights);
    sweep_trains(&sweep, 0);

    /* done again for no new reason, it has what it had */
    sweep.options.force = true;
    sweep_trains(&sweep, 4);
    cr_assert(store_read_run(sweep_path(&sweep, 0), &record) == OK, "%s", status_message());
    expect_config(&record, "log.level", "full");
    expect_config(&record, "log.weights", "both");
    record_free(&record);
    sweep_free(&sweep);
}

Test(reuse, probes_asked_for_by_name) {
    static const char *const trace[] = {"log.probes=trace/validation_error", NULL};
    static const char *const vectors[] = {"log.level=economy", "log.probes=vector gamma", NULL};
    static const char *const gamma[] = {"log.level=economy", "log.probes=gamma", NULL};
    static const char *const full[] = {"log.level=full", NULL};
    struct sweep sweep;
    struct record record = {0};
    sweep_create(&sweep, sweep_small, vectors);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, gamma); /* is one of the vectors */
    sweep_trains(&sweep, 0);
    sweep_change(&sweep, sweep_small, trace); /* is not; what was there is kept */
    sweep_trains(&sweep, 4);
    cr_assert(store_read_run(sweep_path(&sweep, 0), &record) == OK, "%s", status_message());
    expect_config(&record, "log.level", "standard");
    expect_config(&record, "log.probes", "vector gamma trace/validation_error");
    cr_assert(record_find_series(&record, "trace", "validation_error"), "not logged");
    record_free(&record);
    sweep_change(&sweep, sweep_small, vectors);
    sweep_trains(&sweep, 0);
    sweep_change(&sweep, sweep_small, full); /* more, but without what only a name asks for */
    sweep_trains(&sweep, 4);
    cr_assert(store_read_run(sweep_path(&sweep, 0), &record) == OK, "%s", status_message());
    cr_assert(record_find_series(&record, "trace", "validation_error"), "was lost");
    record_free(&record);
    sweep_free(&sweep);
}

/* As if run `run` had been made by a program that differs in one attribute of its provenance. */
static void change_build(const struct sweep *sweep, int run, const char *name) {
    struct record record = {0};
    bool found = false;
    cr_assert(store_read_run(sweep_path(sweep, run), &record) == OK, "%s", status_message());
    for (int i = 0; i < record.provenance.n; i++) {
        struct attribute *attribute = &record.provenance.items[i];
        if (strcmp(attribute->name, name) != 0)
            continue;
        attribute->text = "another 1.0";
        attribute->integer = !attribute->integer;
        found = true;
    }
    cr_assert(found, "no %s in provenance", name);
    cr_assert(store_write_run(sweep_dir(sweep), &record) == OK, "%s", status_message());
    record_free(&record);
}

Test(reuse, says_what_another_build_made) {
    static const char *const names[] = {"compiler", "flags", "git_dirty", "products"};
    struct sweep sweep;
    char expected[128];
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    for (int run = 0; run < 4; run++) {
        change_build(&sweep, run, names[run]);
        sweep_trains(&sweep, 0);
        snprintf(expected, sizeof expected,
                 "%d of the 4 runs that are reused were made by another build", run + 1);
        sweep_expect_said(&sweep, expected);
    }
    sweep_free(&sweep);
}

Test(reuse, a_merged_file_older_than_a_run_is_written_again) {
    struct sweep sweep;
    struct stat first, second;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    stat(sweep_merged(&sweep), &first);
    sweep.options.n_shards = 1; /* all of it, but shards do not merge */
    sweep.options.force = true;
    sweep_trains(&sweep, 4);
    sweep.options.n_shards = 0;
    sweep.options.force = false;
    sweep_trains(&sweep, 0);
    stat(sweep_merged(&sweep), &second);
    cr_assert(first.st_ino != second.st_ino, "the merged file is that of older runs");
    sweep_free(&sweep);
}

/* Changes a number of the merged file and takes its seal away. */
static void spoil(const struct sweep *sweep, bool as_of_earlier_days) {
    double zeros[4] = {0};
    hid_t file = H5Fopen(sweep_merged(sweep), H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t errors = H5Dopen2(file, "summary/test_error", H5P_DEFAULT);
    cr_assert(H5Dwrite(errors, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros) >= 0);
    H5Dclose(errors);
    cr_assert(!as_of_earlier_days || H5Adelete(file, "normlab_sealed") >= 0);
    cr_assert(H5Fclose(file) >= 0);
}

/* An earlier build published zeros where a write had failed. */
Test(reuse, a_merged_file_without_a_seal_is_merged_again) {
    struct sweep sweep;
    struct table good, again;
    struct pool pool = {0};
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    sweep_summary(sweep_merged(&sweep), &good);
    spoil(&sweep, true);
    sweep_trains(&sweep, 0);
    sweep_summary(sweep_merged(&sweep), &again);
    const char *difference = sweep_difference(&good, &again, &pool);
    cr_assert(!difference, "%s", difference);
    sweep_trains(&sweep, 0);
    sweep_expect_said(&sweep, "up to date");
    spoil(&sweep, false); /* it says that it had a seal: somebody changed it, and may want it */
    cr_assert(sweep_run(&sweep) == ERROR_RESULTS, "replaced without a question");
    pool_free(&pool);
    table_free(&good);
    table_free(&again);
    sweep_free(&sweep);
}

/* ---- one run, two processes ---- */

/* The one run of a sweep, finished in a folder of its own; with another loss where somebody else's
 * machine fails. */
static void finish_elsewhere(struct sweep *elsewhere, const char *const *one_run, bool other_loss) {
    struct record record;
    sweep_create(elsewhere, sweep_slow, one_run);
    sweep_trains(elsewhere, 1);
    if (!other_loss)
        return;
    cr_assert(store_read_run(sweep_path(elsewhere, 0), &record) == OK, "%s", status_message());
    for (int i = 0; i < record.final.n; i++)
        if (!strcmp(record.final.items[i].name, "test_loss"))
            record.final.items[i].real = 0.5;
    cr_assert(store_write_run(sweep_dir(elsewhere), &record) == OK, "%s", status_message());
    record_free(&record);
}

/* It comes while the run is trained here. */
static void expect_met(bool other_loss, int exit_status, const char *reason) {
    static const char *const one_run[] = {"seed=0", NULL};
    struct sweep elsewhere, sweep;
    struct stat before, after;
    int run;
    finish_elsewhere(&elsewhere, one_run, other_loss);
    cr_assert(stat(sweep_path(&elsewhere, 0), &before) == 0, "no file");
    sweep_create(&sweep, sweep_slow, one_run);
    sweep.options.n_shards = 1;
    pid_t child = sweep_fork(&sweep);
    pid_t worker = sweep_wait_start(&sweep, 0, &run);
    kill(worker, SIGSTOP);
    cr_assert(rename(sweep_path(&elsewhere, 0), sweep_path(&sweep, 0)) == 0, "cannot rename");
    kill(worker, SIGCONT);
    cr_expect(sweep_join(child) == exit_status, "another exit status than %d", exit_status);
    cr_assert(stat(sweep_path(&sweep, 0), &after) == 0, "no file");
    cr_expect(before.st_ino == after.st_ino, "the file that was there first is replaced");
    struct pool pool = {0};
    const char *why = journal_reason(sweep_dir(&sweep), sweep.plan.runs[0].id, &pool);
    cr_expect(strstr(why, reason), "the reason is '%s'", why);
    pool_free(&pool);
    sweep_free(&sweep);
    sweep_free(&elsewhere);
}

Test(reuse, what_another_process_has_finished_meanwhile_stays) {
    expect_met(false, OK, "");
}

Test(reuse, another_process_with_other_results_is_an_error_that_names_them) {
    expect_met(true, ERROR_RUN,
               "another process has finished it meanwhile with other results: "
               "test_loss is 0.5 in /tmp/");
}
