/* normlab report: all verdicts on one page. */
#include <stdio.h>

#include "cli/command.h"
#include "io/files.h"
#include "judge/report/report.h"

static enum status judge_all(const struct arguments *arguments, const char *protocol,
                             const char *out, struct claim *claims, struct judgement *judgements,
                             int *n) {
    enum status status = OK;
    for (int i = 0; i < arguments->n_operands && !status; i++) {
        status = claim_read(arguments->operands[i], protocol, &claims[i]);
        if (status)
            break;
        status = verdict_judge(&claims[i], out, &judgements[i]);
        if (status)
            claim_free(&claims[i]);
        else
            *n = i + 1;
    }
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct command *command = &command_report;
    const char *out = argument_text(command, arguments, "out");
    const char *to = argument_text(command, arguments, "to");
    const char *markdown = argument_text(command, arguments, "markdown");
    const char *title = argument_text(command, arguments, "title");
    const char *protocol;
    enum status status = argument_either(command, arguments, "quick", "literal", &protocol);
    if (status)
        return status;
    struct pool pool = {0};
    size_t most = (size_t)arguments->n_operands;
    struct claim *claims = pool_alloc(&pool, most * sizeof *claims);
    struct judgement *judgements = pool_alloc(&pool, most * sizeof *judgements);
    int n = 0;
    out = out ? out : "results";
    to = to ? to : pool_format(&pool, "%s/report.html", out);
    status = folder_create_for(to);
    if (!status && markdown)
        status = folder_create_for(markdown);
    if (!status)
        status = judge_all(arguments, protocol, out, claims, judgements, &n);
    struct report report = {.title = title ? title : "What the notes say about batch norm, tried",
                            .protocol = protocol,
                            .out = out,
                            .n = n,
                            .judgements = judgements};
    if (!status)
        status = report_write_html(to, &report);
    if (!status)
        printf("%s\n", to);
    if (!status && markdown)
        status = report_write_markdown(markdown, &report);
    if (!status && markdown)
        printf("%s\n", markdown);
    for (int i = 0; i < n; i++) {
        judgement_free(&judgements[i]);
        claim_free(&claims[i]);
    }
    pool_free(&pool);
    return status;
}

const struct command command_report = {
    .name = "report",
    .summary = "all verdicts with their figures and numbers on one page",
    .usage = "CLAIM.yaml...",
    .details =
        "Judges every claim as `normlab judge` does and writes one HTML page that needs no other "
        "file and no network: verdicts at a glance, then each claim with figure, numbers, seeds, "
        "run ids and the command that repeats it.",
    .examples =
        "$ normlab report experiments/claims/[0-9]*.yaml experiments/papers/*.yaml\n"
        "$ normlab report experiments/claims/[0-9]*.yaml --quick --to quick.html --markdown "
        "verdicts.md",
    .options =
        {
            {"out", "DIR", "folder of results; default: results"},
            {"to", "FILE", "the page; default: DIR/report.html"},
            {"markdown", "FILE", "the verdicts as a table in Markdown, too"},
            {"title", "TEXT", "heading of the page"},
            {"quick", NULL, "by the results of protocol=quick"},
            {"literal", NULL, "by the results of protocol=literal"},
            PLUGIN_OPTION,
        },
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
