/* Sweeps that are stopped or killed in the middle of a run go on in the middle of it. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lab/journal/journals.h"
#include "lab/store/store.h"
#include "tests/lab/runner/sweep.h"

TestSuite(cut_off, .timeout = 300);

/* Of all runs of the merged file together. */
static long times_resumed(const struct sweep *sweep) {
    long times = 0;
    for (int i = 0; i < sweep->plan.n_runs; i++) {
        struct record record;
        const char *id = sweep->plan.runs[i].id;
        cr_assert(!store_read_run_of(sweep_merged(sweep), id, &record), "%s", status_message());
        const struct attribute *resumed = attributes_find(&record.provenance, "resumed");
        times += resumed ? resumed->integer : 0;
        record_free(&record);
    }
    return times;
}

/* The merged file is that of a sweep that nobody disturbed. */
static void expect_undisturbed(struct sweep *sweep, const char *const *overrides) {
    struct sweep quiet;
    struct table a, b;
    struct pool pool = {0};
    sweep_create(&quiet, sweep_slow, overrides);
    sweep_trains(&quiet, quiet.plan.n_runs);
    sweep_summary(sweep_merged(&quiet), &a);
    sweep_summary(sweep_merged(sweep), &b);
    const char *difference = sweep_difference(&a, &b, &pool);
    cr_assert(!difference, "%s", difference);
    table_free(&a);
    table_free(&b);
    pool_free(&pool);
    sweep_free(&quiet);
}

static void wait_ms(long ms) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000 * ms}, NULL);
}

static const char *const two[] = {"seed=0,1", NULL};

/* What goes to messages, also by workers, is kept in a file. */
static void keep_messages(struct sweep *sweep) {
    sweep->options.messages = tmpfile();
    cr_assert(sweep->options.messages, "no temporary file");
}

static const char *kept_messages(struct sweep *sweep) {
    static char said[4096];
    FILE *messages = sweep->options.messages;
    rewind(messages);
    said[fread(said, 1, sizeof said - 1, messages)] = '\0';
    fclose(messages);
    sweep->options.messages = NULL;
    return said;
}

static const char *run_and_listen(struct sweep *sweep) {
    keep_messages(sweep);
    enum status status = runner_run(&sweep->plan, &sweep->options);
    cr_assert(!status, "status %d: %s", (int)status, status_message());
    return kept_messages(sweep);
}

/* Until a run of the sweep was met in the middle: it may end before the signal arrives. */
static void stop_in_a_run(int number, bool whole_group, int expected) {
    struct sweep sweep;
    int run, status = expected;
    const char *said = "";
    for (int tries = 0; tries < 20; tries++) {
        sweep_create(&sweep, sweep_slow, two);
        sweep.options.checkpoint_s = 600;
        keep_messages(&sweep);
        pid_t runner = sweep_fork(&sweep);
        sweep_wait_start(&sweep, 1, &run);
        wait_ms(20);
        kill(whole_group ? -runner : runner, number);
        status = sweep_join(runner);
        said = kept_messages(&sweep);
        if (sweep_count_files(&sweep, ".checkpoint") > 0)
            break;
        sweep_free(&sweep);
    }
    cr_assert(status == expected, "the exit status is %d, not %d", status, expected);
    cr_assert(sweep_count_files(&sweep, ".tmp") == 0, "a temporary file is left");
    cr_assert(sweep_count_events(&sweep, run, "end", "interrupted") == 1, "not in the journal");
    cr_assert(sweep_count_events(&sweep, -1, "end", "failed") == 0, "a stop is no failure");
    cr_expect(strstr(said, ": 1 run ends with a checkpoint; a second signal ends it at once\n"),
              "it says: %s", said);
    said = run_and_listen(&sweep);
    const char *words = strstr(said, " goes on from step ");
    long step = 0, total = 0;
    cr_expect(words && sscanf(words, " goes on from step %ld of %ld\n", &step, &total) == 2 &&
                  step > 0 && step < total && !strstr(words + 1, " goes on"),
              "it says: %s", said);
    cr_assert(sweep_count_files(&sweep, ".checkpoint") == 0, "the checkpoint is left");
    cr_assert(times_resumed(&sweep) == 1, "resumed %ld times", times_resumed(&sweep));
    expect_undisturbed(&sweep, two);
    sweep_free(&sweep);
}

Test(cut_off, a_run_that_is_terminated_goes_on_where_it_was) {
    stop_in_a_run(SIGTERM, false, STOPPED_TERM);
}

Test(cut_off, a_run_that_is_terminated_with_its_group_goes_on_where_it_was) {
    stop_in_a_run(SIGTERM, true, STOPPED_TERM);
}

Test(cut_off, a_run_that_is_interrupted_goes_on_where_it_was) {
    stop_in_a_run(SIGINT, true, STOPPED_INT);
}

/* Until a run has left a checkpoint, on however slow a machine; or all are done. */
static void wait_checkpoint(struct sweep *sweep) {
    for (int tries = 0; tries < 20000; tries++) {
        if (sweep_count_files(sweep, ".checkpoint") > 0 || sweep_count_files(sweep, ".h5") >= 2)
            return;
        wait_ms(1);
    }
}

Test(cut_off, a_run_that_is_killed_goes_on_from_its_last_checkpoint) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_slow, two);
    sweep.options.checkpoint_s = 0.001;
    for (int kills = 0; kills < 12; kills++) {
        int run, n = sweep_count_events(&sweep, -1, "start", NULL);
        pid_t runner = sweep_fork(&sweep);
        if (sweep_count_files(&sweep, ".h5") < 2)
            sweep_wait_start(&sweep, n, &run);
        wait_ms(10 + 17 * kills % 60);
        if (kills % 4 == 0)
            wait_checkpoint(&sweep);
        kill(-runner, SIGKILL);
        sweep_join(runner);
    }
    enum status status = sweep_run(&sweep);
    cr_assert(!status, "status %d: %s", (int)status, status_message());
    cr_assert(sweep_count_files(&sweep, ".checkpoint") == 0, "a checkpoint is left");
    cr_assert(times_resumed(&sweep) > 0, "no run went on");
    expect_undisturbed(&sweep, two);
    sweep_free(&sweep);
}

/* Gone, or a body that nobody has buried yet. */
static bool is_gone(pid_t pid) {
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return true;
    bool read = fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    fclose(file);
    return !read || state == 'Z' || state == 'X';
}

static void end_at_once(int number) {
    (void)number;
    _exit(STOPPED_TERM);
}

/* As the program has it, whose main catches the signal. A stopped worker cannot leave; it would be
 * waited for longer than this test may take. */
Test(cut_off, a_second_signal_ends_all_at_once, .timeout = 40) {
    struct sweep sweep;
    int run;
    signal(SIGTERM, end_at_once);
    sweep_create(&sweep, sweep_slow, NULL);
    sweep.options.checkpoint_s = 600;
    pid_t runner = sweep_fork(&sweep), worker = sweep_wait_start(&sweep, 0, &run);
    kill(worker, SIGSTOP);
    kill(runner, SIGTERM);
    wait_ms(500);
    kill(runner, SIGTERM);
    int status = sweep_join(runner);
    cr_assert(status == STOPPED_TERM, "the exit status is %d", status);
    for (int tries = 0; tries < 200 && !is_gone(worker); tries++)
        wait_ms(50);
    cr_assert(is_gone(worker), "the worker is still there");
    sweep_free(&sweep);
}

/* ---- those that are of no use ---- */

static const char *plant(const struct sweep *sweep, const char *id) {
    static char path[700];
    snprintf(path, sizeof path, "%s/%s.checkpoint", sweep_dir(sweep), id);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs("no checkpoint", file) >= 0 && fclose(file) == 0, "not planted");
    return path;
}

Test(cut_off, a_checkpoint_of_a_finished_run_goes_away_and_another_is_counted) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep.options.checkpoint_s = 600;
    sweep_trains(&sweep, 4);
    plant(&sweep, sweep.plan.runs[1].id);
    plant(&sweep, "r0123456789ab");
    sweep_trains(&sweep, 0);
    cr_assert(sweep_count_files(&sweep, ".checkpoint") == 1, "%d checkpoints",
              sweep_count_files(&sweep, ".checkpoint"));
    sweep_expect_said(&sweep, "1 checkpoint of runs of other versions kept in");
    sweep_free(&sweep);
}

Test(cut_off, a_checkpoint_that_does_not_fit_is_said_and_force_begins_anew) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    remove(sweep_path(&sweep, 2));
    const char *path = plant(&sweep, sweep.plan.runs[2].id);
    const char *said = run_and_listen(&sweep);
    const char *words = strstr(said, path);
    cr_assert(words && strstr(words, ".checkpoint: damaged; the run begins anew\n"), "it says: %s",
              said);
    cr_assert(sweep_count_files(&sweep, ".checkpoint") == 0, "it is left");
    plant(&sweep, sweep.plan.runs[2].id);
    sweep.options.force = true;
    said = run_and_listen(&sweep);
    cr_assert(!strstr(said, "damaged"), "it is read: %s", said);
    cr_assert(sweep_count_files(&sweep, ".checkpoint") == 0, "it is left");
    sweep_free(&sweep);
}

/* A run that is only slow gets on from call to call. */
Test(cut_off, a_run_that_takes_too_long_goes_on_in_the_next_call) {
    static const char *const one[] = {"seed=0", "train.epochs=100000", NULL};
    struct sweep sweep;
    long before = 0;
    sweep_create(&sweep, sweep_slow, one);
    sweep.options.checkpoint_s = 600;
    sweep.options.run_limit_s = 1;
    for (int call = 0; call < 2; call++) {
        struct pool pool = {0};
        cr_expect(sweep_run(&sweep) == ERROR_RUN, "call %d", call);
        sweep_expect_said(&sweep, "1 failed (1 timed out)");
        const char *reason = journal_reason(sweep_dir(&sweep), sweep.plan.runs[0].id, &pool);
        long steps = 0, total = 0;
        cr_expect(sscanf(reason,
                         "longer than --run-limit 1.0 s allows: after %ld of %ld steps, which a "
                         "checkpoint keeps",
                         &steps, &total) == 2,
                  "it says: %s", reason);
        cr_expect(steps > before && total == 1000000, "step %ld after %ld", steps, before);
        before = steps;
        pool_free(&pool);
    }
    sweep_free(&sweep);
}
