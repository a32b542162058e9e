/* When points are due, by hand. */
#include <criterion/criterion.h>
#include <limits.h>

#include "lab/worker/observer_select.h"

static struct trainer trainer;
static struct observer observer;

static void create(void) {
    trainer = (struct trainer){.total_steps = 60, .steps_per_epoch = 25};
    observer = (struct observer){.trainer = &trainer};
}

TestSuite(observer_select, .init = create);

static void expect_due(enum timetable timetable, long next, long expected) {
    observer.timetables[timetable] = (struct timetable_points){.wanted = true, .next = next};
    long due = observer_step_due(&observer, timetable);
    cr_assert(due == expected, "point %ld is due at %ld, not %ld", next, due, expected);
}

/* 100 spaces over 60 steps: 60 i / 100, rounded down; 10 over 60: every sixth. */
Test(observer_select, points_are_spaced_evenly_from_0_to_the_end) {
    expect_due(TIMETABLE_TRACE, 0, 0);
    expect_due(TIMETABLE_TRACE, 1, 0);
    expect_due(TIMETABLE_TRACE, 2, 1);
    expect_due(TIMETABLE_TRACE, 99, 59);
    expect_due(TIMETABLE_TRACE, 100, 60);
    expect_due(TIMETABLE_TRACE, 101, LONG_MAX);
    expect_due(TIMETABLE_MILESTONE, 1, 6);
    expect_due(TIMETABLE_MILESTONE, 10, 60);
    expect_due(TIMETABLE_MILESTONE, 11, LONG_MAX);
}

/* 60 is 2^(118.1 / 20): 119 spaces. 2^(11/20) = 1.46 and 2^(12/20) = 1.52; 2^(99/20) = 30.9. */
Test(observer_select, points_of_curves_grow_from_the_first_step_to_the_end) {
    expect_due(TIMETABLE_CURVE, 0, 1);
    expect_due(TIMETABLE_CURVE, 11, 1);
    expect_due(TIMETABLE_CURVE, 12, 2);
    expect_due(TIMETABLE_CURVE, 20, 2);
    expect_due(TIMETABLE_CURVE, 99, 31);
    expect_due(TIMETABLE_CURVE, 100, 32);
    expect_due(TIMETABLE_CURVE, 118, 60);
    expect_due(TIMETABLE_CURVE, 119, 60);
    expect_due(TIMETABLE_CURVE, 120, LONG_MAX);
    trainer.total_steps = 1000000000000;
    expect_due(TIMETABLE_CURVE, 797, 990935363179);
    expect_due(TIMETABLE_CURVE, 798, 1000000000000);
    trainer.total_steps = 1;
    expect_due(TIMETABLE_CURVE, 0, 1);
    expect_due(TIMETABLE_CURVE, 1, LONG_MAX);
}

Test(observer_select, the_earliest_of_those_that_are_wanted_is_next) {
    cr_assert(observer_next_due(&observer) == LONG_MAX, "nothing is wanted");
    expect_due(TIMETABLE_MILESTONE, 2, 12);
    cr_assert(observer_next_due(&observer) == 12, "the milestone");
    expect_due(TIMETABLE_TRACE, 15, 9);
    cr_assert(observer_next_due(&observer) == 9, "the trace comes first");
}

/* 60 steps in epochs of 25: the last has 10. */
Test(observer_select, a_last_part_of_an_epoch_ends_with_training) {
    static const long steps[] = {0, 24, 25, 49, 50, 59}, ends[] = {25, 25, 50, 50, 60, 60};
    for (int i = 0; i < 6; i++) {
        trainer.step = steps[i];
        cr_assert(observer_epoch_end(&observer) == ends[i], "step %ld: %ld, not %ld", steps[i],
                  observer_epoch_end(&observer), ends[i]);
    }
}

Test(observer_select, test_rows_are_evaluated_as_log_test_says) {
    static const struct {
        long when, step;
        bool expected;
    } cases[] = {{LOG_TEST_EPOCH, 25, true},
                 {LOG_TEST_FINAL, 25, false},
                 {LOG_TEST_FINAL, 60, true},
                 {LOG_TEST_NEVER, 25, false},
                 {LOG_TEST_NEVER, 60, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        observer.log.test = cases[i].when;
        trainer.step = cases[i].step;
        cr_assert(observer_wants_test(&observer) == cases[i].expected, "case %zu", i);
    }
}
