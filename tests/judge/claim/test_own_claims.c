/* The project's own claims: what must be true of all of them. */
#include <criterion/criterion.h>
#include <glob.h>
#include <string.h>

#include "judge/claim/answer_rows.h"
#include "judge/claim/claim.h"

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

Test(own_claims, runs_keep_the_rows_behind_every_error_that_decides) {
    static const char *const patterns[] = {"experiments/claims/[0-9]*.yaml",
                                           "experiments/papers/*.yaml"};
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        glob_t found;
        cr_assert(glob(patterns[p], 0, NULL, &found) == 0, "%s", patterns[p]);
        for (size_t i = 0; i < found.gl_pathc; i++)
            expect_rows(found.gl_pathv[i]);
        globfree(&found);
    }
}
