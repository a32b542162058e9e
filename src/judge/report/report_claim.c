/* A claim on the page: its words, its verdict, its questions, and how to repeat it. */
#include "judge/report/report_claim.h"

#include <string.h>

#include "base/visible.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report_answer.h"
#include "judge/report/report_effects.h"
#include "judge/report/report_figure.h"
#include "judge/report/report_rule.h"
#include "judge/report/report_settings.h"
#include "judge/report/report_table.h"
#include "judge/report/report_words.h"

struct claim_work {
    struct page *page;
    const struct judgement *judgement;
};

/* ---- shared with the overview ---- */

const char *report_claim_data(const struct judgement *judgement, struct pool *pool) {
    const struct claim *claim = judgement->claim;
    return pool_format(pool, " data-verdict=\"%s\" data-sources=\"%s\"",
                       report_class(judgement_word(judgement), pool),
                       report_escape(claim->notes   ? claim->notes
                                     : claim->paper ? "paper"
                                                    : "",
                                     pool));
}

/* "2, 3. " */
const char *report_claim_numbers(const struct claim *claim, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < claim->n_numbers; i++)
        text = pool_format(pool, "%s%s%ld", text, i ? ", " : "", claim->numbers[i]);
    return claim->n_numbers ? pool_format(pool, "%s. ", text) : text;
}

const char *report_claim_mark(const struct judgement *judgement, struct pool *pool) {
    static const char *const marks[] = {
        [VERDICT_SUPPORTED] = "&#10003;",      [VERDICT_REFUTED] = "&#10007;",
        [VERDICT_DEPENDS] = "&#177;",          [VERDICT_INCONCLUSIVE] = "?",
        [VERDICT_SMALL] = "&#8776;",           [VERDICT_SIGN_ONLY] = "&#62;",
        [VERDICT_PREMISE_NOT_MET] = "&#8709;",
    };
    return pool_format(pool, "<span class=\"mark %s\" aria-hidden=\"true\">%s</span> ",
                       report_class(judgement_word(judgement), pool),
                       judgement->decided ? marks[judgement->verdict] : "&#8211;");
}

const char *report_claim_verdict(const struct judgement *judgement, struct pool *pool) {
    const char *word = judgement_word(judgement);
    return pool_format(pool, "<span class=\"verdict %s\">%s%s</span>", report_class(word, pool),
                       report_claim_mark(judgement, pool), word);
}

/* ---- words ---- */

static enum status put_paragraphs(FILE *out, void *context) {
    const struct claim_work *work = context;
    const struct claim *claim = work->judgement->claim;
    struct pool *pool = &work->page->pool;
    const struct {
        const char *heading, *text;
    } paragraphs[] = {
        {"Rule", rule_text(work->judgement, pool)},
        {"Looks:", looks_text(work->judgement, pool)},
        {"More seeds", blocked_text(work->judgement)},
        {"Seen before.", seen_before_text(claim, pool)},
        {"Made by", work->judgement->machines},
        {"What was tried.", claim->asks},
        {"What is known.", claim->known},
        {"Expected.", claim->expected},
        {"Remark.", claim->remark},
        {"What a pilot had seen.", claim->rule.pilot},
        {"Runs.", claim->has_runs ? report_setting(claim, pool) : NULL},
        {"Paper.", claim->paper},
        {"Copied.", claim->copied},
        {"Left open by the paper.", claim->left_open},
        {"Chosen.", claim->chosen},
        {"Literal size.", claim->literal},
        {"Cut.", claim->cut},
    };
    for (size_t i = 0; i < sizeof paragraphs / sizeof *paragraphs; i++)
        if (paragraphs[i].text)
            fprintf(out, "<p><strong>%s</strong> %s</p>\n", paragraphs[i].heading,
                    report_escape(paragraphs[i].text, pool));
    return OK;
}

/* ---- questions ---- */

/* What figure `index` of its results is called on the page. */
static const char *results_key(const struct judgement *judgement, int index, struct pool *pool) {
    return pool_format(pool, "%s#%d", judgement->results, index);
}

enum status report_put_results(FILE *out, struct page *page, const struct judgement *judgement,
                               int index, int *n, bool *is_there) {
    struct report_figure figure;
    const char *key = results_key(judgement, index, &page->pool);
    int number = page->figures ? page->figures->number + 1 : 1;
    enum status status = report_draw_results(judgement->results, &judgement->claim->experiment,
                                             index, number, &page->pool, &figure);
    if (status)
        return status;
    *n = figure.n;
    *is_there = figure.svg != NULL;
    if (!figure.svg)
        return OK;
    page_put_figure(out, "results", page_figure_add(page, key), figure.svg, figure.caption);
    fputs("<details><summary>Numbers of this figure</summary>", out);
    report_put_table(out, figure.table);
    fputs("</details>\n", out);
    return OK;
}

/* The experiment's own figures, such as error against mini-batch size; those that stand on the page
 * already by their number. */
static enum status put_results_figures(FILE *out, const struct claim_work *work) {
    struct page *page = work->page;
    const struct judgement *judgement = work->judgement;
    bool is_there;
    enum status status = OK;
    for (int i = 0, n = judgement->n_finished > 0; i < n && !status; i++) {
        int number = page_figure_find(page, results_key(judgement, i, &page->pool));
        if (!number) {
            status = report_put_results(out, page, judgement, i, &n, &is_there);
            continue;
        }
        fprintf(out, "<p class=\"soft\">Its runs: <a href=\"#figure:%d\">figure %d</a>.</p>\n",
                number, number);
        n = i + 2; /* whether there is one more is known when it is asked for */
    }
    return status;
}

static enum status put_answers(FILE *out, void *context) {
    const struct claim_work *work = context;
    const struct judgement *judgement = work->judgement;
    enum status status = OK;
    for (int i = 0; i < judgement->n_answers && !status; i++) {
        status = report_put_answer(out, work->page, judgement, &judgement->answers[i]);
        if (i == 0 && !status)
            status = put_results_figures(out, work);
    }
    return status;
}

static enum status put_effects(FILE *out, void *context) {
    const struct claim_work *work = context;
    effects_put_html(out, work->judgement);
    return OK;
}

static const char *claimed_text(const struct computation *computation, struct pool *pool) {
    double claimed = computation->claimed, tolerance = computation->tolerance;
    return tolerance > 0
               ? pool_format(pool, "%.5g to %.5g", claimed - tolerance, claimed + tolerance)
               : pool_format(pool, "%.5g", claimed);
}

static const char *measured_text(const struct computation *computation,
                                 const struct computed_value *computed, struct pool *pool) {
    const struct measured *measured = &computed->measured;
    return computation->what->measure ? pool_format(pool, "%.5g [%.4g, %.4g]", measured->value,
                                                    measured->low, measured->high)
                                      : pool_format(pool, "%.5g", measured->value);
}

static enum status put_computations(FILE *out, void *context) {
    const struct claim_work *work = context;
    const struct judgement *judgement = work->judgement;
    struct pool *pool = &work->page->pool;
    if (!judgement->claim->n_computations)
        return OK;
    fputs("<h3>By computation</h3>\n<div class=\"wide\"><table><thead><tr><th "
          "scope=\"col\">What</th><th scope=\"col\" class=\"n\">Computed</th><th scope=\"col\" "
          "class=\"n\">As claimed</th><th scope=\"col\">Holds</th></tr></thead><tbody>\n",
          out);
    for (int i = 0; i < judgement->claim->n_computations; i++) {
        const struct computation *computation = &judgement->claim->computations[i];
        const struct computed_value *computed = &judgement->computed[i];
        fprintf(out,
                "<tr><th scope=\"row\">%s<br><code>%s %s</code></th><td class=\"n\">%s</td>"
                "<td class=\"n\">%s</td><td>%s%s</td></tr>\n",
                report_escape(computation->says, pool),
                report_escape(computation->what->name, pool),
                report_escape(computation->setting, pool),
                measured_text(computation, computed, pool), claimed_text(computation, pool),
                computed->holds  ? "yes"
                : computed->open ? "open"
                                 : "no",
                computation->beside ? " (decides nothing)" : "");
    }
    fputs("</tbody></table></div>\n", out);
    return OK;
}

/* ---- how to repeat it ---- */

/* "a/b/../c" as "a/c": for reading, symbolic links are not looked at. */
static const char *short_path(const char *path, struct pool *pool) {
    for (const char *up; (up = strstr(path, "/../"));) {
        const char *folder = up;
        while (folder > path && folder[-1] != '/')
            folder--;
        if (folder == up || *folder == '.')
            break;
        path = pool_format(pool, "%.*s%s", (int)(folder - path), path, up + strlen("/../"));
    }
    return path;
}

/* A path in a command that a reader may copy. */
static const char *shell_word(const char *path, struct pool *pool) {
    return report_escape(text_quoted(path, pool), pool);
}

static void put_commands(FILE *out, const struct claim_work *work) {
    const struct claim *claim = work->judgement->claim;
    const struct report *report = work->page->report;
    struct pool *pool = &work->page->pool;
    const char *folder = shell_word(report->out, pool), *protocol = report->protocol;
    fputs("<p class=\"soft\">Repeat: <code>", out);
    if (claim->rule.n_looks)
        fprintf(out, "normlab run %s --until-decided --out %s &amp;&amp; ",
                shell_word(claim->file, pool), folder);
    else if (claim->has_runs)
        fprintf(out, "normlab run %s%s%s --out %s &amp;&amp; ",
                shell_word(short_path(claim->experiment.file, pool), pool),
                protocol ? " protocol=" : "", protocol ? protocol : "", folder);
    fprintf(out, "normlab judge %s%s%s --out %s</code></p>\n", shell_word(claim->file, pool),
            protocol ? " --" : "", protocol ? protocol : "", folder);
}

static enum status put_repeat(FILE *out, void *context) {
    const struct claim_work *work = context;
    const struct judgement *judgement = work->judgement;
    struct pool *pool = &work->page->pool;
    if (judgement->claim->cannot)
        return OK;
    if (judgement->claim->has_runs)
        settings_put(out, judgement->claim);
    put_commands(out, work);
    if (judgement->claim->has_runs)
        fprintf(out, "<p class=\"soft\">%d of %d runs finished, in <code>%s</code>.</p>\n",
                judgement->n_finished, judgement->n_runs, report_escape(judgement->results, pool));
    if (judgement->ids && *judgement->ids)
        fprintf(out,
                "<details><summary>Run ids</summary><p class=\"soft\"><code>%s</code></p>"
                "</details>\n",
                report_escape(judgement->ids, pool));
    return OK;
}

/* The page's own title says it where there is one claim. */
static const char *heading_text(const struct report *report, const struct claim *claim,
                                struct pool *pool) {
    return report->n == 1 && !report->title
               ? "The claim"
               : pool_format(pool, "%s%s", report_claim_numbers(claim, pool),
                             report_escape(claim->title, pool));
}

enum status report_put_claim(FILE *out, struct page *page, const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    struct pool *pool = &page->pool;
    struct claim_work work = {page, judgement};
    const struct place places[] = {
        {"name", claim->name, NULL},
        {"data", report_claim_data(judgement, pool), NULL},
        {"heading", heading_text(page->report, claim, pool), NULL},
        {"says", report_escape(claim->says, pool), NULL},
        {"notes", report_escape(claim->notes, pool), NULL},
        {"verdict", page->report->n > 1 ? report_claim_verdict(judgement, pool) : NULL, NULL},
        {"sentence", report_escape(judgement->sentence, pool), NULL},
        {"effects", NULL, put_effects},
        {"paragraphs", NULL, put_paragraphs},
        {"answers", NULL, put_answers},
        {"computations", NULL, put_computations},
        {"repeat", NULL, put_repeat},
    };
    return template_put(out, page->claim, PLACES(places), &work);
}
