/* normlab judge: verdicts on claims. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/judge_json.h"
#include "cli/output_json.h"
#include "cli/print.h"
#include "cli/print_table.h"
#include "cli/terminal.h"
#include "cli/terminal_colour.h"
#include "io/files.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report_audit.h"
#include "judge/report/report_effects.h"
#include "judge/report/report_rule.h"
#include "judge/tune/tuned_source.h"

struct judge_options {
    struct words claims;
    const char *out, *protocol, *differences, *verdicts, *rows, *effects;
    const char *flag; /* "tsv" or "json" */
};

/* What is printed, and what is written for an auditor beside it. */
struct tables {
    bool tsv, json;
    struct json_writer list; /* json, into `whole`: printed where nothing fails on the way */
    struct pool pool;
    struct text whole, differences, verdicts, effects;
    struct tuned_told told;
};

static void print_numbers(const struct claim *claim) {
    for (int i = 0; i < claim->n_numbers; i++)
        printf("%s%ld", i ? ", " : "", claim->numbers[i]);
}

static void print_computations(const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    for (int i = 0; i < claim->n_computations; i++) {
        const struct computation *computation = &claim->computations[i];
        const struct computed_value *computed = &judgement->computed[i];
        printf("  computed %s%s%s: %.6g", computation->what->name, *computation->setting ? " " : "",
               computation->setting, computed->measured.value);
        if (computation->what->measure)
            printf(" [%.4g, %.4g]", computed->measured.low, computed->measured.high);
        printf("; claimed %.6g +- %.6g: %s%s\n      %s\n", computation->claimed,
               computation->tolerance,
               computed->holds  ? "holds"
               : computed->open ? "open"
                                : "does not hold",
               computation->beside ? " (decides nothing)" : "", computation->says);
    }
}

static void print_finding(const char *name, const struct finding *finding) {
    printf("      %-32s %9.5f [%9.5f, %9.5f]  %-6s  above 0 in %.0f %% of seeds\n", name,
           finding->estimate, finding->interval_rows.low, finding->interval_rows.high,
           effect_name(finding->tests.effect), 100 * finding->improvement);
}

static void print_answer(const struct answer *answer) {
    const struct claim_question *question = answer->question;
    printf("  %s (%s): %s\n", question->name, role_name(question->role), question->asks);
    if (answer->open) {
        printf("      no answer: %s\n", answer->open);
        return;
    }
    const struct decision *decision = &answer->decision;
    printf("      %s\n      %s\n", answer->text, answer->meaning);
    for (int s = 0; s < decision->n_strata && decision->n_strata > 1; s++)
        print_finding(answer->contrast.strata[s], &decision->strata[s]);
    if (answer->missed.sentence)
        printf("      %s\n", answer->missed.sentence);
    if (answer->failures.first + answer->failures.second)
        printf("      diverged or collapsed: %s %d, %s %d (sign test p = %.3g)\n",
               question->more.name, answer->failures.first, question->less.name,
               answer->failures.second, answer->failures.p);
}

static void print_line(const char *heading, const char *text) {
    if (text)
        text_print(stdout, "  %s %s\n", heading, text);
}

/* The table has its own way to fit. */
static void print_effects(const struct judgement *judgement, struct print_fitted *fitted) {
    struct table table;
    const char *note;
    if (!effects_table(judgement, &table, &note))
        return;
    printf("  %s\n", note);
    print_fitted_end(fitted);
    print_aligned(&table, 0, terminal_width(), stdout);
    print_fitted_begin(fitted);
    table_free(&table);
}

static void print_judgement(const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    struct pool pool = {0};
    struct print_fitted fitted;
    print_fitted_begin(&fitted);
    printf("%s: ", claim->name);
    terminal_print_word(stdout, judgement_word(judgement));
    putchar('\n');
    if (claim->paper) {
        printf("  %s: %s\n", claim->paper, claim->says);
    } else {
        printf("  claim%s", claim->n_numbers ? " " : "");
        print_numbers(claim);
        if (claim->notes)
            printf(" (%s)", claim->notes);
        printf(": %s\n", claim->says);
    }
    text_print(stdout, "  %s\n", judgement->sentence);
    print_line("rule", rule_text(judgement, &pool));
    print_line("looks:", looks_text(judgement, &pool));
    print_line("more seeds", blocked_text(judgement));
    print_line("seen before.", seen_before_text(claim, &pool));
    print_line("made by", judgement->machines);
    pool_free(&pool);
    print_effects(judgement, &fitted);
    print_computations(judgement);
    for (int i = 0; i < judgement->n_answers; i++)
        print_answer(&judgement->answers[i]);
    print_fitted_end(&fitted);
}

static void print_row(const struct judgement *judgement) {
    const struct answer *answer = judgement_answer(judgement);
    bool answered = answer && !answer->open;
    printf("%s\t", judgement->claim->name);
    print_numbers(judgement->claim);
    printf("\t%s\t%s", judgement_word(judgement), answered ? answer->question->name : "");
    if (answered)
        printf("\t%.9g\t%.9g\t%.9g\t%d\n", answer->decision.overall.estimate,
               answer->decision.overall.interval.low, answer->decision.overall.interval.high,
               answer->decision.n_seeds);
    else
        printf("\tnan\tnan\tnan\t0\n");
}

/* ---- for an auditor ---- */

static void tables_begin(struct tables *tables, const char *flag) {
    *tables = (struct tables){.tsv = flag && !strcmp(flag, "tsv"),
                              .json = flag && !strcmp(flag, "json"),
                              .told = {.pool = &tables->pool}};
    tables->list.out = text_begin(&tables->whole, &tables->pool);
    audit_put_difference_names(text_begin(&tables->differences, &tables->pool));
    audit_put_verdict_names(text_begin(&tables->verdicts, &tables->pool));
    audit_put_effect_names(text_begin(&tables->effects, &tables->pool));
}

static enum status tables_add(struct tables *tables, const struct judgement *judgement,
                              const struct judge_options *options) {
    audit_put_differences(tables->differences.out, judgement);
    audit_put_verdicts(tables->verdicts.out, judgement);
    if (options->effects)
        audit_put_effects(tables->effects.out, judgement);
    return options->rows ? audit_write_rows(options->rows, judgement) : OK;
}

static enum status publish(const char *path, const char *text) {
    enum status status = path ? folder_create_for(path) : OK;
    return !status && path ? file_publish(path, text) : status;
}

/* Writes those that were asked for, unless something went wrong. */
static enum status tables_end(struct tables *tables, enum status status,
                              const struct judge_options *options) {
    const char *differences = text_end(&tables->differences),
               *verdicts = text_end(&tables->verdicts), *effects = text_end(&tables->effects);
    const char *whole = text_end(&tables->whole);
    if (!status)
        fputs(whole, stdout);
    if (!status)
        status = publish(options->differences, differences);
    if (!status)
        status = publish(options->verdicts, verdicts);
    if (!status)
        status = publish(options->effects, effects);
    pool_free(&tables->pool);
    return status;
}

/* ---- the command ---- */

static void open_list(struct json_writer *list) {
    static const struct json_layout lines = {"\n    ", ",\n    ", "\n  "};
    output_json_begin(list, "judge");
    json_open_list(list, "claims", &lines);
}

static void close_list(struct json_writer *list) {
    json_close(list);
    json_close(list);
}

static enum status judge_file(const char *file, const struct judge_options *options,
                              struct tables *tables) {
    struct claim claim;
    struct judgement judgement;
    enum status status = claim_read(file, options->protocol, &claim);
    if (status)
        return status;
    if (claim.has_runs)
        tuned_source_warn(stderr, &claim.experiment, &tables->told);
    status = verdict_judge(&claim, options->out, &judgement);
    if (!status) {
        if (tables->json)
            judge_put_json(&tables->list, &judgement);
        else if (tables->tsv)
            print_row(&judgement);
        else
            print_judgement(&judgement);
        status = tables_add(tables, &judgement, options);
        judgement_free(&judgement);
    }
    claim_free(&claim);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct judge_options *options = arguments->options;
    struct tables tables;
    enum status status = OK;
    tables_begin(&tables, options->flag);
    if (tables.json)
        open_list(&tables.list);
    if (tables.tsv)
        printf("claim\tnumber\tverdict\tquestion\testimate\tlow\thigh\tn\n");
    for (int i = 0; i < options->claims.n && !status; i++) {
        if (i > 0 && !options->flag)
            printf("\n");
        status = judge_file(options->claims.items[i], options, &tables);
    }
    if (tables.json && !status)
        close_list(&tables.list);
    return tables_end(&tables, status, options);
}

static const struct option_row rows[] = {
    {.name = "CLAIM.yaml", .type = OPERANDS_SOME, FIELD(struct judge_options, claims)},
    {"out", "DIR", "folder of results", OPTION_TEXT, FIELD(struct judge_options, out),
     .initial = "results"},
    {"quick", NULL, "judge the results of `normlab run CLAIM.yaml protocol=quick`", OPTION_EITHER,
     FIELD(struct judge_options, protocol)},
    {"literal", NULL, "judge those of protocol=literal", OPTION_EITHER,
     FIELD(struct judge_options, protocol)},
    {"tsv", NULL, "tab-separated, one row for each claim", OPTION_EITHER,
     FIELD(struct judge_options, flag)},
    {"json", NULL,
     "JSON, with all questions, strata and computations, as share/schema/output.json describes",
     OPTION_EITHER, FIELD(struct judge_options, flag)},
    {"differences", "FILE",
     "also write the differences that verdicts rest on, for scripts/audit.py", OPTION_TEXT,
     FIELD(struct judge_options, differences)},
    {"verdicts", "FILE", "also write every question's estimate, intervals, p values and word",
     OPTION_TEXT, FIELD(struct judge_options, verdicts)},
    {"effects", "FILE",
     "also write the tables of effects of claims that have one (`table: effects`)", OPTION_TEXT,
     FIELD(struct judge_options, effects)},
    {"rows", "DIR", "also write which test rows the runs of questions that count got wrong",
     OPTION_TEXT, FIELD(struct judge_options, rows)},
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

const struct command command_judge = {
    .name = "judge",
    .summary = "give verdicts on claims, by the rules that their files declare",
    .details =
        "Computes what a claim asks to be computed. Compares the arms of its questions in the "
        "results that `normlab run CLAIM.yaml` left: pairs runs by seed, takes the "
        "interquartile mean of their differences with its interval, and gives the verdict "
        "supported, refuted, depends or inconclusive (docs/statistics.md). A claim without "
        "results is open; one that asks for runs, columns or series that its experiment will not "
        "have is refused, with or without results. Of several files those without a claim, such as "
        "studies, are left out.",
    .examples = "$ normlab judge experiments/claims/33_small_batches.yaml\n"
                "$ normlab judge experiments/claims/*.yaml --quick --tsv",
    .rows = rows,
    .size = sizeof(struct judge_options),
    .paged = true,
    .run = run,
};
