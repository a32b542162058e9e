/* One verdict from several questions, by a rule that the claim declares beforehand. */
#pragma once

#include "judge/stats/decision.h"

enum role {
    ROLE_DECIDES,
    ROLE_PREMISE, /* must be supported, or the claim says nothing here */
    ROLE_BESIDE,  /* shown; never a part of the verdict */
};

enum rule {
    RULE_ONE, /* the one question that decides */
    RULE_ALL, /* supported: all are; refuted: one is (Holm over questions); small or sign only: the
                 others are supported */
    RULE_DEPENDS, /* supported or refuted: all are; depends: one supported and another refuted, both
                     after Holm */
};
/* There is no "any": it rewards many questions. */

extern const char role_words[], rule_words[]; /* "decides|premise|beside", "one|all|depends" */

struct ruled_question {
    enum role role;
    struct decision *decision;
};

struct ruling {
    enum verdict verdict;
    int question;   /* that the verdict hangs on */
    bool rows_only; /* over seeds alone it is decided, over seeds and rows it is not */
};

/* The verdict over n questions, of which at least one decides (with RULE_ONE just one). A premise
 * that is refuted, or small (not above delta, whatever its sign): "premise not met"; one that is
 * not supported in another way: inconclusive.
 * Anything that the rule does not name: inconclusive. Strata of all deciding questions are adjusted
 * together: their effects and words in `decision` are updated. */
struct ruling rule_apply(enum rule rule, int n, const struct ruled_question *questions);

/* A question not asked yet. */
struct planned_question {
    enum role role;
    int n_seeds, n_strata;
};

/* Can these questions decide under the rule? ERROR_USAGE with a sentence that says what would: no
 * question decides, several do under RULE_ONE, or the smallest p that the seeds can reach times
 * questions x strata is above the level. */
enum status rule_possible(enum rule rule, double level, int n,
                          const struct planned_question *questions);
