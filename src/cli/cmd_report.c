/* normlab report: all verdicts on one page. */
#include <stdio.h>

#include "base/visible.h"
#include "cli/command.h"
#include "io/files.h"
#include "judge/report/report.h"
#include "judge/tune/tuned_source.h"

struct report_options {
    struct words claims;
    const char *out, *to, *markdown, *title, *introduction, *headline, *protocol;
};

static enum status judge_all(const struct report_options *options, struct claim *claims,
                             struct judgement *judgements, struct pool *pool, int *n) {
    struct tuned_told told = {.pool = pool};
    enum status status = OK;
    for (int i = 0; i < options->claims.n && !status; i++) {
        status = claim_read(options->claims.items[i], options->protocol, &claims[i]);
        if (status)
            break;
        if (claims[i].has_runs)
            tuned_source_warn(stderr, &claims[i].experiment, &told);
        status = verdict_judge(&claims[i], options->out, &judgements[i]);
        if (status)
            claim_free(&claims[i]);
        else
            *n = i + 1;
    }
    return status;
}

static enum status write_pages(const struct report_options *options, const char *to, int n,
                               const struct judgement *judgements) {
    struct report report = {.title = options->title,
                            .introduction = options->introduction,
                            .headline = options->headline,
                            .protocol = options->protocol,
                            .out = options->out,
                            .n = n,
                            .judgements = judgements};
    enum status status = report_write_html(to, &report);
    if (status)
        return status;
    text_print_path(stdout, to);
    if (!options->markdown)
        return OK;
    status = report_write_markdown(options->markdown, &report);
    if (!status)
        text_print_path(stdout, options->markdown);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct report_options *options = arguments->options;
    struct pool *pool = arguments->pool;
    size_t most = (size_t)options->claims.n;
    struct claim *claims = pool_alloc(pool, most * sizeof *claims);
    struct judgement *judgements = pool_alloc(pool, most * sizeof *judgements);
    const char *to = options->to ? options->to : pool_format(pool, "%s/report.html", options->out);
    int n = 0;
    enum status status = folder_create_for(to);
    if (!status && options->markdown)
        status = folder_create_for(options->markdown);
    if (!status)
        status = judge_all(options, claims, judgements, pool, &n);
    if (!status)
        status = write_pages(options, to, n, judgements);
    for (int i = 0; i < n; i++) {
        judgement_free(&judgements[i]);
        claim_free(&claims[i]);
    }
    return status;
}

static const struct option_row rows[] = {
    {.name = "CLAIM.yaml", .type = OPERANDS_SOME, FIELD(struct report_options, claims)},
    {"out", "DIR", "folder of results", OPTION_TEXT, FIELD(struct report_options, out),
     .initial = "results"},
    {"to", "FILE", "the page; default: DIR/report.html", OPTION_TEXT,
     FIELD(struct report_options, to)},
    {"markdown", "FILE", "also write the verdicts as a table in Markdown", OPTION_TEXT,
     FIELD(struct report_options, markdown)},
    {"title", "TEXT", "heading of the page; default: what the claims are", OPTION_TEXT,
     FIELD(struct report_options, title)},
    {"introduction", "TEXT", "a paragraph below the heading", OPTION_TEXT,
     FIELD(struct report_options, introduction)},
    {"headline", "NAME",
     "of several claims the one whose figure stands above the verdicts; default: none, the "
     "verdicts "
     "come first",
     OPTION_TEXT, FIELD(struct report_options, headline)},
    {"quick", NULL, "judge the results of protocol=quick", OPTION_EITHER,
     FIELD(struct report_options, protocol)},
    {"literal", NULL, "judge those of protocol=literal", OPTION_EITHER,
     FIELD(struct report_options, protocol)},
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

const struct command command_report = {
    .name = "report",
    .summary = "write all verdicts with their figures and numbers to one page",
    .details =
        "Judges every claim as `normlab judge` does and writes one self-contained HTML page: "
        "the verdicts at a glance, a figure and what was run, then each claim with its figures, "
        "numbers, run ids and the command that repeats it. The page prints, fits a telephone, and "
        "its address takes a filter: report.html?verdict=refuted.",
    .examples =
        "$ normlab report experiments/claims/[0-9]*.yaml experiments/papers/*.yaml\n"
        "$ normlab report experiments/claims/[0-9]*.yaml --quick --to quick.html --markdown "
        "verdicts.md",
    .rows = rows,
    .size = sizeof(struct report_options),
    .run = run,
};
