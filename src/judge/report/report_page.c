/* The page as HTML: one file, no request to anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/files.h"
#include "io/version_info.h"
#include "judge/report/report.h"
#include "judge/report/report_figure.h"
#include "judge/report/report_style.h"
#include "judge/report/report_table.h"
#include "judge/report/report_words.h"

/* ---- words ---- */

static void put_paragraph(FILE *out, const char *heading, const char *text) {
    if (!text)
        return;
    fprintf(out, "<p><strong>%s</strong> ", heading);
    report_put(out, text);
    fputs("</p>\n", out);
}

/* "not tried" as a class: "not-tried". */
static const char *class_of_word(const char *word) {
    return !strcmp(word, "not tried") ? "not-tried" : !strcmp(word, "not seen") ? "not-seen" : word;
}

static const char *class_of(const struct judgement *judgement) {
    return class_of_word(judgement_word(judgement));
}

static const char *mark_of(const struct judgement *judgement) {
    static const char *const marks[] = {"&#10003;", "&#10007;", "&#177;", "?"};
    return judgement->decided ? marks[judgement->verdict] : "&#8211;";
}

static void put_verdict(FILE *out, const struct judgement *judgement) {
    fprintf(out, "<span class=\"verdict %s\"><span aria-hidden=\"true\">%s</span> %s</span>",
            class_of(judgement), mark_of(judgement), judgement_word(judgement));
}

static void put_numbers(FILE *out, const struct claim *claim) {
    for (int i = 0; i < claim->n_numbers; i++)
        fprintf(out, "%s%ld", i ? ", " : "", claim->numbers[i]);
}

/* What filters see. */
static void put_data(FILE *out, const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    fprintf(out, " data-verdict=\"%s\" data-notes=\"", class_of(judgement));
    report_put(out, claim->notes ? claim->notes : "paper");
    fputs("\"", out);
}

/* ---- at a glance ---- */

static void count_verdicts(FILE *out, const struct report *report, bool papers) {
    static const char *const words[] = {"supported",    "refuted", "not seen", "depends",
                                        "inconclusive", "open",    "not tried"};
    const char *separator = "";
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        int n = 0;
        for (int i = 0; i < report->n; i++)
            n += !report->judgements[i].claim->paper == !papers &&
                 !strcmp(judgement_word(&report->judgements[i]), words[w]);
        if (n > 0) {
            fprintf(out, "%s%d %s", separator, n, words[w]);
            separator = ", ";
        }
    }
}

static void put_overview_row(FILE *out, const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    fputs("<tr", out);
    put_data(out, judgement);
    fprintf(out, "><th scope=\"row\"><a href=\"#%s\">", claim->name);
    if (claim->n_numbers) {
        put_numbers(out, claim);
        fputs(". ", out);
    }
    report_put(out, claim->title);
    fputs("</a></th>", out);
    if (!claim->paper) {
        fputs("<td class=\"notes\">", out);
        report_put(out, claim->notes);
        fputs("</td>", out);
    }
    fputs("<td>", out);
    put_verdict(out, judgement);
    fputs("</td><td>", out);
    report_put(out, judgement->sentence);
    fputs("</td></tr>\n", out);
}

static void put_overview(FILE *out, const struct report *report, bool papers) {
    fprintf(out,
            "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">%s</th>%s"
            "<th scope=\"col\">Verdict</th><th scope=\"col\">In a sentence</th></tr></thead>\n"
            "<tbody>\n",
            papers ? "Paper" : "Claim",
            papers ? "" : "<th scope=\"col\" class=\"notes\">Notes</th>");
    for (int i = 0; i < report->n; i++)
        if (!report->judgements[i].claim->paper == !papers)
            put_overview_row(out, &report->judgements[i]);
    fputs("</tbody></table></div>\n", out);
}

/* ---- one claim ---- */

static void put_figure(FILE *out, int number, const char *svg, const char *caption) {
    fprintf(out, "<figure>%s<figcaption id=\"figure:%d\">", svg, number);
    report_put(out, caption);
    fputs("</figcaption></figure>\n", out);
}

static void put_finding(FILE *out, const char *name, const struct finding *finding,
                        struct pool *pool) {
    double low = finding->interval.low, high = finding->interval.high, width = high - low;
    fputs("<tr><th scope=\"row\">", out);
    report_put(out, report_stratum(name, pool));
    fprintf(out,
            "</th><td class=\"n\">%s</td><td class=\"n\">%s to %s</td><td>%s</td>"
            "<td class=\"n\">%.0f %%</td></tr>\n",
            report_number(finding->estimate, width, pool), report_number(low, width, pool),
            report_number(high, width, pool), effect_name(finding->tests.effect),
            100 * finding->improvement);
}

static void put_findings_table(FILE *out, const struct answer *answer, struct pool *pool) {
    const struct decision *decision = &answer->decision;
    fprintf(out,
            "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Stratum</th>"
            "<th scope=\"col\" class=\"n\">Difference</th>"
            "<th scope=\"col\" class=\"n\">95 %% interval</th>"
            "<th scope=\"col\">Against &#177;%g</th>"
            "<th scope=\"col\" class=\"n\">Above 0</th></tr></thead><tbody>\n",
            answer->question->delta);
    for (int s = 0; s < decision->n_strata && decision->n_strata > 1; s++)
        put_finding(out, answer->contrast.strata[s], &decision->strata[s], pool);
    put_finding(out, "all", &decision->overall, pool);
    fputs("</tbody></table></div>", out);
}

static void put_findings(FILE *out, const struct answer *answer, struct pool *pool) {
    const struct decision *decision = &answer->decision;
    fputs("<details><summary>Numbers</summary>", out);
    put_findings_table(out, answer, pool);
    fprintf(out,
            "<p class=\"soft\">%d paired seeds. Failed runs (diverged or collapsed): %d of the "
            "first arm, %d of the second.",
            decision->n_seeds, answer->failures.first, answer->failures.second);
    for (int i = 0; i < answer->contrast.n_also; i++) {
        fputs(i ? ", " : " The arms also differ in ", out);
        report_put(out, answer->contrast.also[i]);
        fputs(i + 1 < answer->contrast.n_also ? "" : ".", out);
    }
    if (decision->verdict == VERDICT_INCONCLUSIVE)
        fprintf(out,
                " With so many seeds a true difference of %.3g would have been found in 80 %% "
                "of such experiments.",
                decision->smallest_effect);
    fputs("</p></details>\n", out);
}

static enum status put_answer(FILE *out, const struct judgement *judgement,
                              const struct answer *answer, int number, struct pool *pool) {
    const struct claim_question *question = answer->question;
    const char *svg = NULL;
    fputs("<h3>", out);
    report_put(out, question->asks);
    fputs("</h3>\n", out);
    if (answer->open) {
        fputs("<p>No answer: ", out);
        report_put(out, answer->open);
        fputs("</p>\n", out);
        return OK;
    }
    const char *word = judgement_verdict(judgement, answer->decision.verdict);
    fprintf(out, "<p><span class=\"verdict %s\">%s</span>: ", class_of_word(word), word);
    report_put(out, answer->meaning);
    fprintf(
        out,
        " <span class=\"soft\">(a claim of %s; differences up to %g do not matter)</span></p>\n",
        question->equality ? "equality" : "direction", question->delta);
    if (answer->n_missed_more + answer->n_missed_less) {
        fprintf(out, "<p>%d runs of the first arm (", answer->n_missed_more);
        report_put(out, question->more.name);
        fprintf(out, ") and %d of the second (", answer->n_missed_less);
        report_put(out, question->less.name);
        fputs(") never got to the target. Each counts as twice the budget, so that the size of "
              "the difference is not what it would be in longer runs.</p>\n",
              out);
    }
    enum status status = report_draw_answer(answer, number, pool, &svg);
    if (status)
        return status;
    put_figure(out, number, svg,
               pool_format(pool,
                           "%s less %s%s%s. Points: seeds; line: 95 %% interval of the "
                           "interquartile mean; grey: differences that do not matter.",
                           question->more.name, question->less.name, *question->unit ? ", " : "",
                           question->unit));
    put_findings(out, answer, pool);
    return OK;
}

static void put_computations(FILE *out, const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    if (!claim->n_computations)
        return;
    fputs("<h3>By computation</h3>\n<div class=\"wide\"><table><thead><tr><th "
          "scope=\"col\">What</th><th scope=\"col\" class=\"n\">Computed</th><th scope=\"col\" "
          "class=\"n\">As claimed</th><th scope=\"col\">Holds</th></tr></thead><tbody>\n",
          out);
    for (int i = 0; i < claim->n_computations; i++) {
        const struct computation *computation = &claim->computations[i];
        fputs("<tr><th scope=\"row\">", out);
        report_put(out, computation->says);
        fputs("<br><code>", out);
        report_put(out, computation->what->name);
        fputs(" ", out);
        report_put(out, computation->setting);
        double claimed = computation->claimed, tolerance = computation->tolerance;
        fprintf(out, "</code></th><td class=\"n\">%.5g</td><td class=\"n\">",
                judgement->computed[i].value);
        if (tolerance > 0)
            fprintf(out, "%.5g to %.5g", claimed - tolerance, claimed + tolerance);
        else
            fprintf(out, "%.5g", claimed);
        fprintf(out, "</td><td>%s</td></tr>\n", judgement->computed[i].holds ? "yes" : "no");
    }
    fputs("</tbody></table></div>\n", out);
}

/* The experiment's own figures, such as error against mini-batch size. */
static enum status put_results_figures(FILE *out, const struct judgement *judgement, int *number,
                                       struct pool *pool) {
    struct report_figure figure = {.n = judgement->n_finished > 0};
    enum status status = OK;
    for (int i = 0; i < figure.n && !status; i++) {
        status = report_draw_results(judgement->results, i, ++*number, pool, &figure);
        if (status || !figure.svg)
            continue;
        put_figure(out, *number, figure.svg, figure.caption);
        fputs("<details><summary>Numbers of this figure</summary>", out);
        report_put_table(out, figure.table);
        fputs("</details>\n", out);
    }
    return status;
}

/* "a/b/../c" as "a/c": for reading, symbolic links are not looked at. */
static void put_path(FILE *out, const char *path) {
    struct pool pool = {0};
    for (const char *up; (up = strstr(path, "/../"));) {
        const char *folder = up;
        while (folder > path && folder[-1] != '/')
            folder--;
        if (folder == up || *folder == '.')
            break;
        path = pool_format(&pool, "%.*s%s", (int)(folder - path), path, up + strlen("/../"));
    }
    report_put(out, path);
    pool_free(&pool);
}

static void put_command(FILE *out, const struct judgement *judgement, const struct report *report) {
    const struct claim *claim = judgement->claim;
    fputs("<p class=\"soft\">Repeat: <code>", out);
    if (claim->has_runs) {
        fputs("normlab run ", out);
        put_path(out, claim->experiment.file);
        if (report->protocol)
            fprintf(out, " protocol=%s", report->protocol);
        fputs(" --out ", out);
        report_put(out, report->out);
        fputs(" &amp;&amp; ", out);
    }
    fputs("normlab judge ", out);
    report_put(out, claim->file);
    if (report->protocol)
        fprintf(out, " --%s", report->protocol);
    fputs(" --out ", out);
    report_put(out, report->out);
    fputs("</code></p>\n", out);
    if (claim->has_runs) {
        fprintf(out, "<p class=\"soft\">%d of %d runs finished, in <code>", judgement->n_finished,
                judgement->n_runs);
        report_put(out, judgement->results);
        fputs("</code>.</p>\n", out);
    }
    if (judgement->ids && *judgement->ids) {
        fputs("<details><summary>Run ids</summary><p class=\"soft\"><code>", out);
        report_put(out, judgement->ids);
        fputs("</code></p></details>\n", out);
    }
}

static void put_paper(FILE *out, const struct claim *claim) {
    put_paragraph(out, "Paper.", claim->paper);
    put_paragraph(out, "Copied.", claim->copied);
    put_paragraph(out, "Left open by the paper.", claim->left_open);
    put_paragraph(out, "Chosen.", claim->chosen);
    put_paragraph(out, "Literal size.", claim->literal);
    put_paragraph(out, "Cut.", claim->cut);
}

static enum status put_claim(FILE *out, const struct judgement *judgement,
                             const struct report *report, int *figure, struct pool *pool) {
    const struct claim *claim = judgement->claim;
    enum status status = OK;
    fprintf(out, "<section id=\"%s\"", claim->name);
    put_data(out, judgement);
    fprintf(out, " aria-labelledby=\"%s:title\">\n<h2 id=\"%s:title\">", claim->name, claim->name);
    put_numbers(out, claim);
    fputs(claim->n_numbers ? ". " : "", out);
    report_put(out, claim->title);
    fputs("</h2>\n<blockquote><p>", out);
    report_put(out, claim->says);
    fputs("</p></blockquote>\n", out);
    if (claim->notes) {
        fprintf(out, "<p class=\"soft\">In our words; it stands in note%s ",
                strchr(claim->notes, ' ') ? "s" : "");
        report_put(out, claim->notes);
        fputs(".</p>\n", out);
    }
    fputs("<p class=\"answer\">", out);
    put_verdict(out, judgement);
    fputs(": ", out);
    report_put(out, judgement->sentence);
    fputs("</p>\n", out);
    put_paragraph(out, "What was tried.", claim->asks);
    put_paragraph(out, "What is known.", claim->known);
    put_paragraph(out, "Expected.", claim->expected);
    put_paragraph(out, "Remark.", claim->remark);
    if (claim->has_runs)
        put_paragraph(out, "Runs.", report_setting(claim, pool));
    put_paper(out, claim);
    for (int i = 0; i < judgement->n_answers && !status; i++) {
        status = put_answer(out, judgement, &judgement->answers[i], ++*figure, pool);
        if (i == 0 && !status)
            status = put_results_figures(out, judgement, figure, pool);
    }
    put_computations(out, judgement);
    if (!claim->cannot)
        put_command(out, judgement, report);
    fputs("<p class=\"soft back\"><a href=\"#page:top\">Back to the top</a></p>\n", out);
    fputs("</section>\n", out);
    return status;
}

/* ---- the page ---- */

static void put_head(FILE *out, const struct report *report) {
    /* The browser itself sees to it that nothing is requested from anywhere. */
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
          "name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta "
          "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n<title>",
          out);
    report_put(out, report->title);
    fprintf(out,
            "</title>\n<link rel=\"icon\" "
            "href=\"data:,\">\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1 id=\"page:top\">",
            report_style);
    report_put(out, report->title);
    fputs("</h1>\n", out);
}

static void put_introduction(FILE *out, const struct report *report) {
    fputs("<p>", out);
    count_verdicts(out, report, false);
    fprintf(out,
            ". The %s protocol, normlab %s. Each verdict was computed from results by a rule that "
            "was written down before these runs were made, or the remark says why not; "
            "<a href=\"#page:how\">how</a>. Notes A to E are the five course notes from which "
            "the claims were taken.</p>\n",
            report->protocol ? report->protocol : "full", build_version);
    fputs("<form id=\"page:filter\" hidden><label>Verdict <select name=\"verdict\"><option "
          "value=\"\">all</option><option>supported</option><option>refuted</option><option>depends"
          "</option><option>inconclusive</option><option>open</option><option "
          "value=\"not-tried\">not tried</option><option value=\"not-seen\">not seen</option>"
          "</select></label> <label>Note <select "
          "name=\"note\"><option value=\"\">all</option><option>A</option><option>B</option>"
          "<option>C</option><option>D</option><option>E</option><option "
          "value=\"paper\">papers</option></select></label> <output id=\"page:count\" "
          "aria-live=\"polite\"></output></form>\n",
          out);
}

static void put_method(FILE *out) {
    fputs(
        "<section id=\"page:how\"><h2>How a verdict comes about</h2>\n"
        "<p>Two arms are compared that were trained from the same seeds: same initial weights, "
        "same "
        "order of the training rows. For each seed the difference is taken, averaged over the "
        "strata "
        "(batch sizes, activations, ...). What is reported is the interquartile mean of these "
        "differences with a 95 % interval (bootstrap, BCa, widened for few seeds); what decides "
        "are "
        "sign-flip permutation tests against the smallest difference that matters: they find it "
        "<em>above</em> that, <em>below</em> its negative, <em>within</em> the two, or leave it "
        "<em>undecided</em>. <em>Above 0</em> is the share of seeds and strata whose difference "
        "is. In simulations with ten seeds a difference of exactly that margin is called above it "
        "in 2 of 100 experiments, and in up to 4 of 100 where differences are strongly "
        "skewed.</p>\n"
        "<p>A claim that one thing is larger is <em>supported</em> where the difference is above "
        "that "
        "margin, and <em>refuted</em> where it is below it or provably too small to matter. A "
        "claim "
        "that two things are equal is supported where the difference is provably within the "
        "margin. It "
        "<em>depends</em> where it holds in one stratum and fails in another. Otherwise it is "
        "<em>inconclusive</em>. <em>Open</em>: runs are missing. What a shortened run of a paper's "
        "experiment refutes is <em>not seen</em> in it: that is no disagreement. Papers are "
        "compared by the direction of an effect, never by its size, since data differ. A diverged "
        "run counts as the best "
        "constant prediction, a collapsed one as it is. Test rows chose nothing.</p></section>\n",
        out);
}

static enum status write_page(FILE *out, const struct report *report, struct pool *pool) {
    enum status status = OK;
    int figure = 0, papers = 0;
    for (int i = 0; i < report->n; i++)
        papers += report->judgements[i].claim->paper != NULL;
    put_head(out, report);
    put_introduction(out, report);
    if (papers < report->n)
        put_overview(out, report, false);
    if (papers > 0) {
        fputs("<h2>Experiments of papers</h2>\n<p>", out);
        count_verdicts(out, report, true);
        fputs(".</p>\n", out);
        put_overview(out, report, true);
    }
    put_method(out);
    for (int i = 0; i < report->n && !status; i++)
        status = put_claim(out, &report->judgements[i], report, &figure, pool);
    fprintf(out, "</main>\n<script>%s</script>\n</body>\n</html>\n", report_script);
    return status;
}

/* Names are ids of the page. */
static enum status check_names(const struct report *report) {
    for (int i = 0; i < report->n; i++)
        for (int j = 0; j < i; j++) {
            const struct claim *a = report->judgements[j].claim, *b = report->judgements[i].claim;
            if (!strcmp(a->name, b->name))
                return fail(ERROR_USAGE, "%s and %s are both named '%s'", a->file, b->file,
                            a->name);
        }
    return OK;
}

enum status report_write_html(const char *path, const struct report *report) {
    struct pool pool = {0};
    char *text = NULL;
    size_t size = 0;
    enum status status = check_names(report);
    if (status)
        return status;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return fail(ERROR_RUN, "out of memory for a page");
    status = write_page(out, report, &pool);
    bool lost = ferror(out) != 0;
    if (fclose(out) != 0 || lost)
        status = fail(ERROR_RUN, "out of memory for a page");
    if (!status)
        status = file_publish(path, text);
    free(text);
    pool_free(&pool);
    return status;
}
