/* The project's own claims: what must be true of all of them. */
#include <criterion/criterion.h>
#include <glob.h>
#include <string.h>

#include "judge/claim/answer_rows.h"
#include "judge/claim/claim_check.h"

static bool keeps_rows(const struct claim *claim) {
    const char *probes = claim->experiment.base.values[key_find("log.probes")].text;
    return probes && strstr(probes, "rows");
}

static void expect_rows(const char *file) {
    struct claim claim;
    if (claim_read(file, NULL, &claim) != OK) { /* rates that are not chosen yet */
        cr_assert(strstr(status_message(), ".tuned.yaml, which is not there"), "%s",
                  status_message());
        return;
    }
    for (int i = 0; i < claim.n_questions; i++) {
        const struct claim_question *question = &claim.questions[i];
        bool counts = question->role != ROLE_BESIDE && answer_rows_apply(question);
        cr_expect(!counts || keeps_rows(&claim),
                  "%s: '%s' is about test error, and the runs of %s do not keep which test rows "
                  "they got wrong: log.probes must name rows",
                  file, question->name, claim.experiment.file);
    }
    claim_free(&claim);
}

static void expect_of_all(void (*expect)(const char *file)) {
    static const char *const patterns[] = {"experiments/claims/[0-9]*.yaml",
                                           "experiments/papers/*.yaml"};
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        glob_t found;
        cr_assert(glob(patterns[p], 0, NULL, &found) == 0, "%s", patterns[p]);
        for (size_t i = 0; i < found.gl_pathc; i++)
            expect(found.gl_pathv[i]);
        globfree(&found);
    }
}

Test(own_claims, runs_keep_the_rows_behind_every_error_that_decides) {
    expect_of_all(expect_rows);
}

/* Of a paper, whose own size a section literal has, that one as well. */
static void expect_answers(const char *file) {
    static const char *const protocols[] = {NULL, "quick", "literal"};
    for (int i = 0; i < 3; i++) {
        struct claim claim;
        if (claim_read(file, protocols[i], &claim) != OK) {
            cr_assert(strstr(status_message(), ".tuned.yaml, which is not there") ||
                          (i == 2 && strstr(status_message(), "has no section literal")),
                      "%s", status_message());
            continue;
        }
        enum status status = claim_check(&claim, NULL);
        cr_expect(!status, "protocol %s: %s", protocols[i] ? protocols[i] : "full",
                  status_message());
        claim_free(&claim);
    }
}

Test(own_claims, runs_can_answer_every_question) {
    expect_of_all(expect_answers);
}
