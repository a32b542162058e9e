/* What is left to do, and that the plan stays as it was made. */
#include <criterion/criterion.h>
#include <string.h>

#include "lab/runner/worklist.h"
#include "tests/lab/runner/sweep.h"

TestSuite(worklist, .timeout = 120);

static const char *const full[] = {"log.level=full", NULL};
static const char *const economy[] = {"log.level=economy", "log.probes=gradient_norm", NULL};

Test(worklist, a_run_that_replaces_a_file_logs_no_less_and_the_plan_does_not_change) {
    struct sweep sweep;
    struct worklist worklist;
    struct pool pool = {0};
    sweep_create(&sweep, sweep_small, full);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, economy);
    sweep.options.force = true;
    worklist_create(&worklist, &sweep.plan, &sweep.options);
    cr_assert(worklist_look(&worklist, &sweep.options) == OK, "%s", status_message());
    cr_assert(worklist.n_todo == 4, "%d to do", worklist.n_todo);
    for (int run = 0; run < 4; run++) {
        struct planned_run planned = worklist_run(&worklist, run, &pool);
        cr_expect(planned.config.log.level == LOG_FULL, "run %d logs less than its file", run);
        cr_expect(strstr(planned.config.log.probes, "gradient_norm"), "run %d: %s", run,
                  planned.config.log.probes);
        cr_expect(sweep.plan.runs[run].config.log.level == LOG_ECONOMY, "the plan has changed");
        cr_expect_str_eq(planned.id, sweep.plan.runs[run].id, "another run: %s", planned.id);
    }
    worklist_free(&worklist);
    pool_free(&pool);
    sweep_free(&sweep);
}

Test(worklist, the_longest_runs_start_first_and_ties_keep_the_plans_order) {
    static const char *const lengths[] = {"train.epochs=1,3,2", "norm.kind=none", NULL};
    struct sweep sweep;
    struct worklist worklist;
    sweep_create(&sweep, sweep_small, lengths);
    worklist_create(&worklist, &sweep.plan, &sweep.options);
    cr_assert(worklist_look(&worklist, &sweep.options) == OK, "%s", status_message());
    cr_assert(worklist.n_todo == 6 && worklist.n_taken == 6, "%d to do", worklist.n_todo);
    for (int i = 0; i < 6; i++) {
        const struct planned_run *run = &sweep.plan.runs[worklist.todo[i]];
        cr_expect(i == 0 || run->cost <= sweep.plan.runs[worklist.todo[i - 1]].cost, "place %d", i);
        cr_expect(i == 0 || run->cost < sweep.plan.runs[worklist.todo[i - 1]].cost ||
                      worklist.todo[i] > worklist.todo[i - 1],
                  "place %d: a tie in another order", i);
    }
    cr_expect(sweep.plan.runs[worklist.todo[0]].config.run.train.epochs == 3,
              "the longest is not first");
    worklist_free(&worklist);
    sweep_free(&sweep);
}
