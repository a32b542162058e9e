/* What happens when a worker or the runner itself dies or is told to stop. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/files.h"
#include "lab/journal/journals.h"
#include "tests/lab/runner/sweep.h"

TestSuite(kill, .timeout = 300);

/* Kills the first worker of a sweep by `number`. It may be done before the signal arrives: then
 * again. */
static int kill_first_worker(struct sweep *sweep, int number, int *status) {
    sweep->options.force = true;
    for (int tries = 0; tries < 20; tries++) {
        int run, n = sweep_count_events(sweep, -1, "start", NULL);
        int failed = sweep_count_events(sweep, -1, "end", "failed");
        pid_t runner = sweep_fork(sweep);
        kill(sweep_wait_start(sweep, n, &run), number);
        *status = sweep_join(runner);
        if (sweep_count_events(sweep, -1, "end", "failed") > failed) {
            sweep->options.force = false;
            return run;
        }
    }
    cr_assert_fail("no worker could be met while it ran");
    return -1;
}

Test(kill, a_killed_worker_costs_its_own_run) {
    static const char *const two[] = {"seed=0,1", NULL};
    struct sweep sweep;
    struct table summary;
    int status;
    sweep_create(&sweep, sweep_slow, two);
    int run = kill_first_worker(&sweep, SIGABRT, &status); /* as an assertion does */
    cr_assert(status == ERROR_RUN, "the exit status is %d, not %d", status, ERROR_RUN);
    cr_assert(sweep_exists(sweep_path(&sweep, 1 - run)), "the other run is not there");
    cr_assert(sweep_count_files(&sweep, ".tmp") == 0, "a temporary file is left");
    if (!sweep_exists(sweep_path(&sweep, run))) { /* else it was finished in an earlier try */
        sweep_summary(sweep_merged(&sweep), &summary);
        cr_assert_str_eq(sweep_status_of(&summary, sweep.plan.runs[run].id), "failed",
                         "in the summary");
        table_free(&summary);
        sweep_trains(&sweep, 1);
    }
    sweep_trains(&sweep, 0);
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert_str_eq(sweep_status_of(&summary, sweep.plan.runs[run].id), "complete",
                     "in the summary");
    table_free(&summary);
    sweep_free(&sweep);
}

Test(kill, fail_fast_starts_no_more) {
    struct sweep sweep;
    int status;
    sweep_create(&sweep, sweep_slow, NULL);
    sweep.options.fail_fast = true;
    kill_first_worker(&sweep, SIGKILL, &status);
    int started = sweep_count_events(&sweep, -1, "start", NULL) % 6; /* of 6 in earlier tries */
    cr_assert(status == ERROR_RUN, "the exit status is %d, not %d", status, ERROR_RUN);
    cr_assert(started == 1, "%d runs were started after the failure", started - 1);
    sweep_free(&sweep);
}

/* Two runs of a minute or more, of which one is stopped, too. */
Test(kill, runs_that_take_too_long_are_timed_out_and_tried_again) {
    static const char *const two[] = {"seed=0,1", "train.epochs=100000", NULL};
    struct sweep sweep;
    struct table summary;
    struct pool pool = {0};
    int run;
    sweep_create(&sweep, sweep_slow, two);
    sweep.options.run_limit_s = 1;
    pid_t runner = sweep_fork(&sweep);
    kill(sweep_wait_start(&sweep, 0, &run), SIGSTOP);
    cr_expect(sweep_join(runner) == ERROR_RUN, "the exit status");
    cr_expect(sweep_count_files(&sweep, ".tmp") == 0, "a temporary file is left");
    const char *reason = journal_reason(sweep_dir(&sweep), sweep.plan.runs[1 - run].id, &pool);
    cr_expect(strstr(reason, "longer than --run-limit 1.0 s allows: step ") &&
                  strstr(reason, " of 1000000, "),
              "it says: %s", reason);
    sweep_summary(sweep_merged(&sweep), &summary);
    for (int i = 0; i < 2; i++) {
        cr_expect(sweep_count_events(&sweep, i, "end", "timed_out") == 1, "the journal");
        cr_expect_str_eq(sweep_status_of(&summary, sweep.plan.runs[i].id), "failed", "the summary");
    }
    table_free(&summary);
    cr_expect(sweep_run(&sweep) == ERROR_RUN, "the second time");
    sweep_expect_said(&sweep, "2 failed (2 timed out)");
    cr_expect(sweep_count_events(&sweep, -1, "start", NULL) == 4, "both are tried again");
    pool_free(&pool);
    sweep_free(&sweep);
}

/* A terminal shows how far a run is, and that it moves. */
Test(kill, the_line_of_progress_says_the_step_and_its_age) {
    static const char *const one[] = {"seed=0", "train.epochs=100000", NULL};
    struct sweep sweep;
    char text[4096] = "";
    sweep_create(&sweep, sweep_slow, one);
    sweep.options.run_limit_s = 3;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0, "no terminal");
    setenv("TERM", "xterm", 1);
    sweep.options.messages = fopen(ptsname(terminal), "w");
    cr_assert(sweep.options.messages, "no terminal");
    cr_expect(sweep_join(sweep_fork(&sweep)) == ERROR_RUN, "the exit status");
    cr_assert(read(terminal, text, sizeof text - 1) > 0, "nothing was said");
    const char *shown = strstr(text, "1 running: step ");
    cr_expect(shown && strstr(shown, " of 1000000, ") && strstr(shown, " s ago; "), "it shows %s",
              text);
    fclose(sweep.options.messages);
    close(terminal);
    sweep_free(&sweep);
}

/* While the runner itself is stopped (Ctrl-Z), no time passes. */
Test(kill, a_sweep_that_was_stopped_has_not_taken_longer) {
    static const char *const one[] = {"seed=0", "train.epochs=300", NULL};
    struct sweep sweep;
    int run;
    sweep_create(&sweep, sweep_slow, one);
    sweep.options.run_limit_s = 8;
    pid_t runner = sweep_fork(&sweep);
    sweep_wait_start(&sweep, 0, &run);
    kill(-runner, SIGSTOP);
    sleep(9);
    kill(-runner, SIGCONT);
    cr_expect(sweep_join(runner) == OK, "it was ended");
    sweep_free(&sweep);
}

/* whole_group: as the terminal does it, all processes at once */
static void stop_in_the_middle(int number, bool whole_group, int expected) {
    struct sweep sweep;
    int run;
    sweep_create(&sweep, sweep_slow, NULL);
    pid_t runner = sweep_fork(&sweep);
    sweep_wait_start(&sweep, 1, &run); /* the second of six: one is finished */
    kill(whole_group ? -runner : runner, number);
    int status = sweep_join(runner);
    cr_assert(status == expected, "the exit status is %d, not %d", status, expected);
    cr_assert(sweep_count_files(&sweep, ".tmp") == 0, "a temporary file is left");
    cr_assert(!sweep_exists(sweep_merged(&sweep)), "a merged file was written");
    cr_assert(sweep_count_events(&sweep, -1, "end", "failed") == 0, "a stop is no failure");
    cr_assert(sweep_count_events(&sweep, -1, "end", "interrupted") <= 1, "more than ran");
    if (sweep_count_events(&sweep, run, "end", "interrupted") == 1) {
        const char *dir = sweep_dir(&sweep);
        struct journals journals;
        cr_assert(journals_read(1, &dir, NULL, &journals) == OK, "%s", status_message());
        const struct journal_run *told = journals_find(&journals, sweep.plan.runs[run].id);
        cr_expect(strstr(told->end->reason, "the same command begins the others anew"), "%s",
                  told->end->reason);
        journals_free(&journals);
    }
    int finished = sweep_count_files(&sweep, ".h5");
    cr_assert(finished >= 1 && finished < 6, "%d runs are finished", finished);
    sweep_trains(&sweep, 6 - finished);
    sweep_free(&sweep);
}

Test(kill, interrupt_gives_130_and_goes_on) {
    stop_in_the_middle(SIGINT, false, STOPPED_INT);
}

Test(kill, control_c_gives_130_and_no_failures) {
    stop_in_the_middle(SIGINT, true, STOPPED_INT);
}

Test(kill, terminate_gives_75_and_goes_on) {
    stop_in_the_middle(SIGTERM, true, STOPPED_TERM);
}

/* As a shell without job control starts what stands before an &. */
Test(kill, signals_that_the_shell_ignores_stay_ignored) {
    static const char *const two[] = {"seed=0,1", NULL};
    struct sweep sweep;
    int run;
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    sweep_create(&sweep, sweep_slow, two);
    pid_t runner = sweep_fork(&sweep);
    sweep_wait_start(&sweep, 0, &run);
    kill(-runner, SIGINT);
    kill(-runner, SIGTERM);
    int status = sweep_join(runner);
    cr_assert(!status, "the exit status is %d", status);
    cr_assert(sweep_count_files(&sweep, ".h5") == 2, "%d runs are finished",
              sweep_count_files(&sweep, ".h5"));
    sweep_free(&sweep);
}

Test(kill, a_killed_parent_leaves_what_is_finished) {
    struct sweep sweep;
    int run;
    sweep_create(&sweep, sweep_slow, NULL);
    pid_t runner = sweep_fork(&sweep);
    sweep_wait_start(&sweep, 1, &run);
    kill(runner, SIGKILL);
    sweep_join(runner);
    enum status status =
        sweep_run(&sweep); /* the orphan may still publish: no count of what is left */
    cr_assert(!status, "status %d: %s", (int)status, status_message());
    cr_assert(sweep_count_files(&sweep, ".h5") == 6, "%d files", sweep_count_files(&sweep, ".h5"));
    sweep_trains(&sweep, 0);
    sweep_free(&sweep);
}

static void plant(const char *folder, const char *rest) {
    char path[700];
    snprintf(path, sizeof path, "%s/x.h5.tmp.%s", folder, rest);
    fclose(fopen(path, "w"));
}

Test(kill, sweeps_what_the_dead_left) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    plant(sweep_dir(&sweep), "0123456789abcdef");
    plant(sweep.out, "0123456789abcdef");
    plant(sweep_dir(&sweep), "not-ours");
    sweep_trains(&sweep, 0);
    cr_assert(sweep_count_files(&sweep, ".tmp") == 1, "%d temporary files",
              sweep_count_files(&sweep, ".tmp"));
    sweep_free(&sweep);
}
