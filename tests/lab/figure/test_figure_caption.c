/* What is said below a figure. */
#include <criterion/criterion.h>
#include <string.h>

#include "lab/figure/figure_caption.h"
#include "lab/figure/figure_prepare.h"
#include "tests/lab/figure/hand.h"

TestSuite(figure_caption, .fini = hand_free);

Test(figure_caption, the_caption_says_n_interval_steps_and_failures) {
    SUMMARY({.batch = 2, .seed = 0, .error = 0.9, .status = "diverged"},
            {.batch = 2, .seed = 1, .error = 0.2}, {.batch = 64, .seed = 0, .error = 0.1},
            {.batch = 64, .seed = 1, .error = 0.2});
    hand_draw("error_vs_batch", 0, NULL);
    const char *caption = figure_caption(&hand.drawing, &hand.data, false, &hand.pool);
    static const char *const parts[] = {"Median of n = 2 seeds a point",
                                        "distribution-free interval",
                                        "coverage 0.500",
                                        "93 to 3,000 steps a run",
                                        "3 epochs each",
                                        "failures (of n): runs that diverged, collapsed or failed",
                                        "a diverged run counts as the best constant prediction"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(caption, parts[i]), "no '%s' in: %s", parts[i], caption);
}

Test(figure_caption, single_runs_have_no_interval_and_the_caption_says_so) {
    SUMMARY({.batch = 2}, {.batch = 64});
    hand_draw("error_vs_batch", 0, NULL);
    const char *caption = figure_caption(&hand.drawing, &hand.data, false, &hand.pool);
    cr_expect(strstr(caption, "single run"), "%s", caption);
    cr_expect(!strstr(caption, "failures"), "%s", caption);
}

Test(figure_caption, failures_are_named_by_arm_and_x) {
    SUMMARY({.kind = NONE, .batch = 2, .status = "diverged"}, {.kind = NONE, .batch = 2, .seed = 1},
            {.kind = NONE, .batch = 4}, {.kind = LAYER, .batch = 2},
            {.kind = LAYER, .batch = 4, .collapsed = true});
    hand_draw("error_vs_batch", 0, NULL);
    const char *text = figure_failures(&hand.drawing, &hand.data, &hand.pool);
    cr_expect_str_eq(text, "none 1/2 at 2; layer 1/1 at 4", "%s", text);
    drawing_free(&hand.drawing);
    static const char *const options[] = {"where=norm.kind=none"};
    hand_draw("error_vs_batch", 1, options);
    text = figure_failures(&hand.drawing, &hand.data, &hand.pool);
    cr_expect_str_eq(text, "1/2 at 2", "a single arm needs no name: %s", text);
}
