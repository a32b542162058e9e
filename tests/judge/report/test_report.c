/* The page of verdicts and its short form: what a reader's browser and a reader's ear rely on. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/files.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report.h"
#include "judge/report/report_scope.h"
#include "judge/report/report_settings.h"
#include "judge/report/report_table.h"
#include "judge/report/report_words.h"
#include "tests/lab/runner/sweep.h"

/* ---- a page with everything that can be on it ---- */

static const char *const files[] = {
    "tests/judge/report/page/1_learns.yaml", "tests/judge/report/page/2_beta.yaml",
    "tests/judge/report/page/3_not_here.yaml", "tests/judge/report/page/papers/somebody_2000.yaml"};
enum { FILES = sizeof files / sizeof *files };

struct page {
    struct pool pool;
    struct sweep sweep;
    struct claim claims[FILES];
    struct judgement judgements[FILES];
    struct report report;
    char *html, *markdown;
};

/* The first claim has runs; the paper's are missing, so it is open. */
static void page_create(struct page *page) {
    static const char *const quick[] = {"protocol=quick", NULL};
    *page = (struct page){0};
    char *study;
    cr_assert(file_read("tests/judge/report/page/study.yaml", &page->pool, &study) == OK, "%s",
              status_message());
    sweep_create(&page->sweep, study, quick);
    cr_assert(sweep_run(&page->sweep) == OK, "%s", status_message());
    for (int i = 0; i < FILES; i++) {
        cr_assert(claim_read(files[i], "quick", &page->claims[i]) == OK, "%s", status_message());
        cr_assert(verdict_judge(&page->claims[i], page->sweep.out, &page->judgements[i]) == OK,
                  "%s", status_message());
    }
    page->report = (struct report){.title = "Claims & <verdicts>",
                                   .headline = "1_learns",
                                   .protocol = "quick",
                                   .out = page->sweep.out,
                                   .n = FILES,
                                   .judgements = page->judgements};
}

static void page_write(struct page *page) {
    const char *html = pool_format(&page->pool, "%s/page.html", page->sweep.out);
    const char *markdown = pool_format(&page->pool, "%s/page.md", page->sweep.out);
    cr_assert(report_write_html(html, &page->report) == OK, "%s", status_message());
    cr_assert(report_write_markdown(markdown, &page->report) == OK, "%s", status_message());
    cr_assert(file_read(html, &page->pool, &page->html) == OK, "%s", status_message());
    cr_assert(file_read(markdown, &page->pool, &page->markdown) == OK, "%s", status_message());
}

static void page_free(struct page *page) {
    for (int i = 0; i < FILES; i++) {
        judgement_free(&page->judgements[i]);
        claim_free(&page->claims[i]);
    }
    sweep_free(&page->sweep);
    pool_free(&page->pool);
}

static int count(const char *text, const char *part) {
    int n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* The value of the next attribute of this name (with its `="` or `='`) behind *at, which moves on;
 * NULL: there is none. */
static const char *next_value(const char **at, const char *attribute, struct pool *pool) {
    const char *value = strstr(*at, attribute);
    if (!value)
        return NULL;
    value += strlen(attribute);
    *at = value + strcspn(value, "\"'");
    return pool_format(pool, "%.*s", (int)(*at - value), value);
}

/* ---- what holds of every page ---- */

static void expect_sections(const struct page *page) {
    for (int i = 0; i < FILES; i++) {
        char section[100];
        snprintf(section, sizeof section, "<section id=\"%s\"", page->claims[i].name);
        cr_expect(count(page->html, section) == 1, "%s stands there %d times", section,
                  count(page->html, section));
        snprintf(section, sizeof section, "<a href=\"#%s\"", page->claims[i].name);
        cr_expect(count(page->html, section) == 2 + (i == 0),
                  "%d links to %s: of the contents, the table, and the figure on top",
                  count(page->html, section), page->claims[i].name);
    }
}

/* One h1, and no level left out on the way down. */
static void expect_headings(const struct page *page) {
    int level = 0, first = 0;
    for (const char *at = page->html; (at = strstr(at, "<h")); at += 2) {
        if (!isdigit((unsigned char)at[2]))
            continue;
        int next = at[2] - '0';
        first += next == 1;
        cr_expect(next <= level + 1, "h%d behind h%d: %.60s", next, level, at);
        level = next;
    }
    cr_expect(first == 1, "%d headings of the first level", first);
    cr_expect(count(page->html, "<h3") == 5, "%d headings of the third", count(page->html, "<h3"));
}

static void expect_escapes(const struct page *page) {
    cr_expect(!strstr(page->html, "<learns>") && !strstr(page->html, "<verdicts>"),
              "a title in raw");
    cr_expect(strstr(page->html, "0.1 &lt;learns&gt; &amp; one") != NULL, "a claim's title");
    cr_expect(strstr(page->html, "<title>Claims &amp; &lt;verdicts&gt;</title>") != NULL, "title");
    cr_expect(strstr(page->html, "&quot;worth&quot;") != NULL, "quotes");
}

static void expect_no_request(const struct page *page) {
    static const char *const forbidden[] = {" src=",  "@import",        "<link rel=\"stylesheet",
                                            "fetch(", "XMLHttpRequest", "url(http"};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        cr_expect(!strstr(page->html, forbidden[i]), "the page has %s", forbidden[i]);
    int namespaces =
        count(page->html, "xmlns=\"http://") + count(page->html, "xmlns:xlink=\"http://");
    cr_expect(count(page->html, "://") == namespaces, "%d addresses, %d of them namespaces",
              count(page->html, "://"), namespaces);
    cr_expect(strstr(page->html, "content=\"default-src 'none';") != NULL, "no policy");
}

static bool has_id(const struct page *page, const char *id) {
    char quoted[200], single[200];
    snprintf(quoted, sizeof quoted, " id=\"%s\"", id);
    snprintf(single, sizeof single, " id='%s'", id);
    return strstr(page->html, quoted) || strstr(page->html, single);
}

static void expect_ids_once(struct page *page, const char *attribute) {
    for (const char *at = page->html, *id; (id = next_value(&at, attribute, &page->pool));) {
        const char *rest = at;
        for (const char *other; (other = next_value(&rest, attribute, &page->pool));)
            cr_expect(strcmp(id, other) != 0, "the id %s stands twice", id);
    }
}

static void expect_links(struct page *page) {
    static const char *const attributes[] = {" href=\"#", "href='#", " aria-labelledby=\""};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        const char *at = page->html, *id;
        int n = 0;
        for (; (id = next_value(&at, attributes[i], &page->pool)); n++)
            cr_expect(has_id(page, id), "%s%s leads nowhere", attributes[i], id);
        cr_expect(n > 0, "no %s at all", attributes[i]);
    }
}

static void expect_captions(const struct page *page) {
    int n = count(page->html, "<figure ");
    cr_expect(n == 4, "%d figures: two questions and two of their runs", n);
    cr_expect(count(page->html, "</svg>") >= n, "figures without a picture");
    cr_expect(count(page->html, "<summary>Numbers") == n, "%d tables behind %d figures",
              count(page->html, "<summary>Numbers"), n);
    for (const char *at = page->html; (at = strstr(at, "<figure ")); at++) {
        const char *caption = strstr(at, "<figcaption"), *end = strstr(at, "</figure>");
        cr_assert(caption && end && caption < end, "a figure without a caption");
        cr_expect(strchr(caption, ':')[1] != '<', "an empty caption");
        const char *picture = strstr(at, "<div class=\"wide\"><svg"),
                   *label = strstr(at, " role=\"img\" aria-labelledby=\"caption:");
        cr_assert(picture && picture < caption, "no picture: %.60s", at);
        cr_expect(label && label < strchr(picture + strlen("<div class=\"wide\">"), '>'),
                  "a picture without a name: %.300s", picture);
        cr_expect(strstr(picture, "style=\"--natural:") < label, "no natural width");
    }
}

static void expect_header_cells(const struct page *page) {
    int n = 0;
    for (const char *at = page->html; (at = strstr(at, "<th")); at += 3) {
        if (at[3] != ' ') /* thead */
            continue;
        n++;
        cr_expect(!strncmp(at, "<th scope=\"row\"", 15) || !strncmp(at, "<th scope=\"col\"", 15),
                  "%.40s", at);
    }
    cr_expect(n > 10 && count(page->html, "<table") == count(page->html, "<thead") + 1,
              "%d header cells", n);
}

/* Four cells, whatever stands in them; then, behind an empty line, the effects. */
static void expect_markdown(const struct page *page) {
    int lines = 0;
    for (const char *at = page->markdown; *at != '\n'; at += strcspn(at, "\n") + 1, lines++) {
        int bars = 0;
        for (const char *c = at; *c && *c != '\n'; c++)
            bars += *c == '|' && (c == at || c[-1] != '\\');
        cr_expect(bars == 5, "%d cells: %.*s", bars - 1, (int)strcspn(at, "\n"), at);
    }
    cr_expect(lines == FILES + 2, "%d lines", lines);
    cr_expect(strstr(page->markdown, "It learns \\| of course.") != NULL, "%s", page->markdown);
}

static void expect_commands(const struct page *page) {
    cr_expect(strstr(page->html, "normlab run tests/judge/report/page/study.yaml protocol=quick") !=
                  NULL,
              "the command that repeats a claim");
    cr_expect(!strstr(page->html, "/../"), "a path that goes up again");
}

/* By which rule, from which answers, and what somebody knew before. */
static void expect_origin(const struct page *page) {
    static const char *const texts[] = {
        "<p><strong>Rule</strong> one: the verdict is that of the question that decides. Decides: "
        "learns (supported). Premise, without which there is no verdict: equal (supported).</p>",
        "<p><strong>Seen before.</strong> On 2000-01-31: inconclusive: &lt;five&gt; seeds. Changed "
        "since: more seeds, and fresh ones.</p>",
        "<p><strong>What a pilot had seen.</strong> Three seeds at one rate.</p>",
        "<span class=\"soft\">(decides)</span></h3>",
        "<span class=\"soft\">(premise)</span></h3>",
        "; it is larger than that; tested over seeds only)",
        "<option value=\"supported\">supported</option>\n<option value=\"refuted\">",
        "<option value=\"not-tried\">not tried</option>\n</select>",
        "\xe2\x86\x90 against the claim",
        "for the claim \xe2\x86\x92",
        "\xe2\x86\x90 second larger",
        "style=\"--natural:360px\"",
        "<p class=\"soft\">Its runs: <a href=\"#figure:1\">figure 1</a>.</p>",
        "<p>4 claims in 3 readings and 1 experiment of a paper; the quick protocol (fewer and "
        "shorter runs, for a first look), normlab ",
        "The claims' own files\ndeclare the rules",
        "<tr><th scope=\"row\">Data</th><td>clusters; 400 training rows</td></tr>\n"
        "<tr><th scope=\"row\">Networks</th><td>hidden layers: 5; relu</td></tr>\n"
        "<tr><th scope=\"row\">Normalizers</th><td>none, batch</td></tr>\n"
        "<tr><th scope=\"row\">Training</th><td>1 epoch; mini-batches of 10 rows; learning "
        "rate 1e-5 to 0.1</td></tr>\n"
        "<tr><th scope=\"row\">Runs</th><td>32 of 32 finished; 1 results file is missing; up to 8 "
        "seeds an arm</td></tr>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect(count(page->html, texts[i]) >= 1, "no %s", texts[i]);
    cr_expect(count(page->html, "<option value=\"depends\"") == 0, "a choice of nothing");
}

Test(report, page_of_real_results, .timeout = 300) {
    struct page page;
    page_create(&page);
    cr_assert(!strcmp(judgement_word(&page.judgements[0]), "supported"), "%s",
              page.judgements[0].sentence);
    page_write(&page);
    expect_sections(&page);
    expect_headings(&page);
    expect_escapes(&page);
    expect_no_request(&page);
    expect_ids_once(&page, " id=\"");
    expect_ids_once(&page, " id='");
    expect_links(&page);
    expect_captions(&page);
    expect_header_cells(&page);
    expect_commands(&page);
    cr_expect(count(page.html, "<summary>Settings that differ from the defaults") == 2,
              "settings of the two claims with runs");
    expect_origin(&page);
    expect_markdown(&page);
    page.judgements[0].n_finished = 0; /* no figure of runs: that of the first answer is on top */
    page_write(&page);
    cr_expect(count(page.html, "<figure id=\"figure:1\" class=\"differences\">") == 1 &&
                  count(page.html, "<p class=\"soft\">Its differences: <a href=\"#figure:1\">") ==
                      1,
              "no differences on top");
    expect_links(&page);
    page_free(&page);
}

/* ---- verdicts before figures ---- */

/* Do the texts stand on the page, one behind the other? */
static void expect_order(const struct page *page, int n, const char *const *texts) {
    const char *at = strstr(page->html, "<main>");
    for (int i = 0; i < n && at; i++) {
        at = strstr(at, texts[i]);
        cr_expect(at, "no %s, or before %s", texts[i], i ? texts[i - 1] : "");
    }
}

static void expect_one_claim(const struct page *page, const char *question, const char *side) {
    const char *const order[] = {
        "0.1 &lt;learns&gt; &amp; one of 1e-5 does not</h1>\n<p class=\"answer\">",
        "supported</span>: It learns | of course.</p>",
        question,
        "<figure id=\"figure:1\" class=\"differences\">",
        side,
        "Figures of paired differences:",
        "<th scope=\"row\">Varied</th><td>normalizer none, batch; learning rate 1e-5, 0.1</td>",
        "<section id=\"1_learns\"",
        ">The claim</h2>",
        "<h3>",
        "<section id=\"page:glossary\">"};
    static const char *const absent[] = {"How many", "class=\"bar\"", "This figure is a part of",
                                         "In a sentence</th>", "At a glance</h2>"};
    expect_order(page, sizeof order / sizeof *order, order);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        cr_expect(!strstr(page->html, absent[i]), "%s is there", absent[i]);
    cr_expect(count(page->html, "It learns | of course.</p>") == 1, "its sentence as a headline");
}

/* The figure is that of the question on which the verdict hangs. */
static void check_one_claim(struct page *page) {
    page->report.title = page->report.headline = NULL;
    page->report.n = 1;
    page_write(page);
    expect_one_claim(page,
                     "Question 1 of 2: Test error at a rate of 1e-5 less that at 0.1, without "
                     "a normalizer (supported).</p>",
                     "for the claim");
    page->judgements[0].hangs_on = 1;
    page_write(page);
    expect_one_claim(page,
                     "Question 2 of 2: Are first and last training loss of a run at 1e-5 "
                     "alike? (supported).</p>",
                     "first larger");
}

/* Of several claims without a chosen figure: verdicts, a figure, what was run, claims. A title that
 * is a sentence has its full stop already. */
static void check_verdicts_first(struct page *page) {
    static const char figure_of_first[] =
        ">This figure is a part of <a href=\"#1_learns\">1. It learns.</a></p>";
    static const char *const order[] = {"At a glance</h2>",
                                        "How many",
                                        "role=\"table\"",
                                        "<figure id=\"figure:1\" class=\"differences\">",
                                        figure_of_first,
                                        "What was run</h2>",
                                        "<section id=\"1_learns\"",
                                        ">1. It learns.</h2>",
                                        "<section id=\"page:glossary\">"};
    page->claims[0].title = "It learns.";
    page->report.n = FILES;
    page_write(page);
    expect_order(page, sizeof order / sizeof *order, order);
}

/* How figures are read is told where there are some. */
static void check_open_claim(struct page *page) {
    const struct report all = page->report;
    page->report.n = 1;
    page->report.judgements = &page->judgements[FILES - 1];
    page_write(page);
    cr_expect(strstr(page->html, "open</span>: Not run yet") && strstr(page->html, "Varied</th>"),
              "not open");
    cr_expect(!strstr(page->html, "<figure") && !strstr(page->html, "Figures of paired"),
              "figures of nothing");
    page->report = all;
}

Test(report, verdicts_stand_before_figures_unless_one_is_chosen, .timeout = 300) {
    struct page page;
    page_create(&page);
    check_one_claim(&page);
    check_open_claim(&page);
    check_verdicts_first(&page);
    page_free(&page);
}

/* ---- without runs ---- */

static void judge_twice(const char *file, struct claim *claim, struct judgement judgements[2]) {
    for (int i = 0; i < 2; i++) {
        cr_assert(claim_read(file, NULL, &claim[i]) == OK, "%s", status_message());
        cr_assert(verdict_judge(&claim[i], "/nowhere", &judgements[i]) == OK, "%s",
                  status_message());
    }
}

Test(report, two_claims_of_one_name_are_refused) {
    struct claim claims[2];
    struct judgement judgements[2];
    judge_twice("tests/judge/report/page/2_beta.yaml", claims, judgements);
    struct report report = {.title = "x", .out = "x", .n = 2, .judgements = judgements};
    cr_expect(report_write_html("/nowhere/page.html", &report) == ERROR_USAGE, "written");
    cr_expect(strstr(status_message(), "are both named '2_beta'") != NULL, "%s", status_message());
    for (int i = 0; i < 2; i++) {
        judgement_free(&judgements[i]);
        claim_free(&claims[i]);
    }
}

/* ---- somebody's own claims ---- */

static const char own[] =
    "schema: 1\nname: own\ntitle: beta shifts\n"
    "claim: {says: The normalized values are shifted by beta., supported: It is., refuted: It is "
    "not., depends: Sometimes.}\n"
    "compute:\n"
    "  - {what: beta_effect, norm.kind: batch, claimed: 1, tolerance: 0.01, says: mean rise}\n";

/* The page of one claim, made from `report`'s other fields; in the pool. */
static const char *page_of(const char *text, const struct report *as, struct pool *pool) {
    char folder[] = "/tmp/normlab-own-XXXXXX", *page = NULL;
    struct claim claim;
    struct judgement judgement;
    cr_assert(mkdtemp(folder) != NULL);
    const char *file = pool_format(pool, "%s/own.yaml", folder),
               *html = pool_format(pool, "%s/own.html", folder);
    cr_assert(file_publish(file, text) == OK, "%s", status_message());
    cr_assert(claim_read(file, NULL, &claim) == OK, "%s", status_message());
    cr_assert(verdict_judge(&claim, folder, &judgement) == OK, "%s", status_message());
    struct report report = *as;
    report.out = folder;
    report.n = 1;
    report.judgements = &judgement;
    if (report_write_html(html, &report) == OK) {
        cr_assert(file_read(html, pool, &page) == OK, "%s", status_message());
        cr_expect(unlink(html) == 0);
    }
    judgement_free(&judgement);
    claim_free(&claim);
    cr_expect(unlink(file) == 0 && rmdir(folder) == 0);
    return page;
}

/* What is about course notes, papers, strata or looks stands on pages that have any. */
Test(report, a_page_of_own_claims_says_nothing_of_what_they_have_not) {
    static const char *const words[] = {"ote ",     "otes",          "course",       "aper",
                                        "trat",     "remise",        "ook",          "Stands",
                                        "een bef",  "oubling",       "What was run", "<figure",
                                        "protocol", "files declare", "How many",     "bar"};
    struct pool pool = {0};
    const struct report plain = {0};
    const char *page = page_of(own, &plain, &pool), *main = page ? strstr(page, "<main>") : NULL;
    cr_assert(main, "%s", status_message());
    const char *text = pool_format(&pool, "%.*s", (int)(strstr(main, "<script>") - main), main);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect(!strstr(text, words[i]), "the page says %.40s", strstr(text, words[i]));
    cr_expect(strstr(page, "<title>beta shifts</title>"), "its title is the claim's");
    cr_expect(strstr(text, "<p>1 claim, normlab "), "%.300s", text);
    cr_expect(strstr(text, "The claim's own file declares the rule"), "%.300s", text);
    cr_expect(strstr(text,
                     "beta shifts</h1>\n<p class=\"answer\"><span class=\"verdict supported\">"
                     "<span class=\"mark supported\" aria-hidden=\"true\">&#10003;</span> "
                     "supported</span>: It is.</p>\n<p class=\"soft\">supported: what is"),
              "no verdict below the title: %.300s", text);
    pool_free(&pool);
}

Test(report, heading_introduction_and_headline_are_those_asked_for) {
    struct pool pool = {0};
    struct report asked = {.title = "Mine", .introduction = "From <my> desk.", .headline = "own"};
    const char *page = page_of(own, &asked, &pool);
    cr_assert(page, "%s", status_message());
    cr_expect(strstr(page, ">Mine</h1>\n") && strstr(page, "<p>From &lt;my&gt; desk.</p>"),
              "no introduction");
    asked.headline = "other";
    cr_expect(!page_of(own, &asked, &pool), "a headline that is nowhere");
    cr_expect_str_eq(status_message(), "no claim on this page is named 'other'");
    pool_free(&pool);
}

/* ---- what all claims are about ---- */

static const char *const about[] = {
    "experiments/claims/01_normalized_inputs.yaml", "experiments/claims/04_relu.yaml",
    "experiments/claims/33_fixed_batch.yaml",       "experiments/claims/33_small_batches.yaml",
    "experiments/claims/33_unstable.yaml",          "experiments/papers/yang_2019.yaml"};
enum { ABOUT = sizeof about / sizeof *about };

Test(report, what_was_run_is_told_of_all_claims_together) {
    struct pool pool = {0};
    struct claim claims[ABOUT];
    struct judgement judgements[ABOUT];
    for (int i = 0; i < ABOUT; i++) {
        cr_assert(claim_read(about[i], NULL, &claims[i]) == OK, "%s", status_message());
        judgements[i] = (struct judgement){.claim = &claims[i]};
    }
    const struct report report = {.n = ABOUT, .judgements = judgements};
    struct scope scope;
    scope_find(&report, &pool, &scope);
    cr_expect_str_eq(scope.counts, "4 claims in 5 readings and 1 experiment of a paper");
    cr_expect_str_eq(scope.short_counts, "4 claims and 1 experiment of a paper");
    cr_expect(scope.n_sources == 5 && !strcmp(scope.sources[0], "A") &&
                  !strcmp(scope.sources[4], "E"),
              "%d sources", scope.n_sources);
    struct text text;
    scope_put(text_begin(&text, &pool), &report, false);
    cr_expect_str_eq(
        text_end(&text),
        "<tr><th scope=\"row\">Data</th><td>fashion-mnist; 55000 training rows</td></tr>\n"
        "<tr><th scope=\"row\">Networks</th><td>hidden layers: 4 shapes, of 3 to 60 layers, 100 to "
        "128 units each; relu</td></tr>\n"
        "<tr><th scope=\"row\">Normalizers</th><td>none, batch, layer, group, rms, "
        "batch_renorm</td></tr>\n"
        "<tr><th scope=\"row\">Training</th><td>2 to 3 epochs; 2500 to 10000 steps; mini-batches "
        "of "
        "2 to 256 rows; learning rate 1e-5 to 8</td></tr>\n");
    const struct report one = {.n = 1, .judgements = judgements};
    scope_put(text_begin(&text, &pool), &one, true);
    const char *rows = text_end(&text);
    cr_expect(strstr(rows, "<tr><th scope=\"row\">Varied</th><td>scaling of the input none, unit, "
                           "standardize; scale of the initial weights 0.3, 1; "),
              "%s", rows);

    for (int i = 0; i < ABOUT; i++)
        claim_free(&claims[i]);
    pool_free(&pool);
}

static const char *settings_of(const char *file, struct pool *pool) {
    struct claim claim;
    struct text text;
    cr_assert(claim_read(file, NULL, &claim) == OK, "%s", status_message());
    settings_put(text_begin(&text, pool), &claim);
    claim_free(&claim);
    return text_end(&text);
}

Test(report, settings_are_those_that_are_not_at_their_defaults) {
    struct pool pool = {0};
    const char *text = settings_of("tests/judge/report/page/1_learns.yaml", &pool);
    static const char *const rows[] = {
        "<details><summary>Settings that differ from the defaults</summary>",
        "<tr><td>data.name</td><td>clusters</td><td>fashion-mnist</td></tr>\n",
        "<tr><td>model.hidden</td><td>[5]</td><td>[100, 100, 100]</td></tr>\n",
        "<tr><td>norm.kind</td><td>none, batch</td><td>none</td></tr>\n",
        "<tr><td>optimizer.lr</td><td>1e-5, 0.1</td><td>0.025</td></tr>\n",
    };
    static const char *const absent[] = {"norm.placement", "<td>seed</td>", "data.dir", "log.",
                                         "Chosen learning rates"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect(strstr(text, rows[i]), "no %s in\n%s", rows[i], text);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        cr_expect(!strstr(text, absent[i]), "%s is in\n%s", absent[i], text);
    pool_free(&pool);
}

Test(report, rates_of_a_tuned_file_say_which_lie_at_an_edge) {
    struct pool pool = {0};
    const char *text = settings_of("experiments/claims/18_before_activation.yaml", &pool);
    static const char *const parts[] = {
        "<details><summary>Chosen learning rates</summary>",
        "1 of 12 lies at an edge of what was tried",
        "<td>before</td><td>64</td><td>0.4</td><td>0.1298</td><td>7, from 0.00625 to 0.4</td>"
        "<td>the largest tried</td>",
        "<td>after</td><td>64</td><td>0.05</td><td>0.1166</td><td>7, from 0.00625 to 0.4</td>"
        "<td></td>"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(text, parts[i]), "no %s in\n%s", parts[i], text);
    text = settings_of("experiments/claims/33_fixed_batch.yaml", &pool);
    cr_expect(strstr(text, "None of 20 lies at an edge of what was tried.</p>"), "%s", text);
    pool_free(&pool);
}

/* A shipped claim whose tuned file says of one cell that all its trials failed. */
Test(report, rates_of_a_cell_that_learned_nothing_are_marked) {
    char folder[] = "/tmp/normlab-rates-XXXXXX", command[512];
    struct pool pool = {0};
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(command, sizeof command,
             "cp experiments/claims/33_fixed_batch.yaml %s && "
             "sed '/^#  none  /s/  *-  .*/  -  0.9*!(3)  0.9(3)  0.9(3)  0.9(3)  0.9(3)  0.9(3)  "
             "0.9(3)/' experiments/claims/heart_fixed.tuned.yaml >%s/heart_fixed.tuned.yaml",
             folder, folder);
    cr_assert(system(command) == 0, "%s", command);
    const char *text = settings_of(pool_format(&pool, "%s/33_fixed_batch.yaml", folder), &pool);
    static const char *const parts[] = {
        "<details open><summary>Chosen learning rates</summary>",
        "<strong>1 of 20 learned at no rate that was tried</strong>: its runs say nothing of what "
        "a lower rate gives. None of 19 lies at an edge of what was tried.</p>",
        "<th scope=\"col\">Trials that diverged or collapsed</th>",
        "<td>0.0125</td><td>0.9</td><td>7, from 0.0125 to 0.8</td><td>no rate "
        "learned</td><td>21 of 21</td></tr>"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(text, parts[i]), "no %s in\n%s", parts[i], text);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert(system(command) == 0, "%s", command);
    pool_free(&pool);
}

Test(report, every_word_of_a_verdict_has_a_meaning) {
    struct pool pool = {0};
    const char *word;
    int n = 0;
    for (; (word = judgement_word_get(n)); n++)
        cr_expect(report_meaning(word, &pool) != NULL, "%s", word);
    cr_expect(n > 10 && !report_meaning("support", &pool) && !report_meaning("", &pool));
    pool_free(&pool);
}

Test(report, strata_are_named_in_words) {
    static const struct {
        const char *stratum, *words;
    } cases[] = {
        {"all", "all"},
        {"train.batch_size=4", "mini-batch size 4"},
        {"train.batch_size=4, norm.placement=before",
         "mini-batch size 4, placement of the normalizer before"},
        {"model.hidden=[100, 50], model.init_scale=0.1",
         "hidden layers [100, 50], scale of the initial weights 0.1"},
        {"seed=3", "seed 3"},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *words = report_stratum(cases[i].stratum, &pool);
        cr_expect(!strcmp(words, cases[i].words), "%s: '%s'", cases[i].stratum, words);
    }
    pool_free(&pool);
}

Test(report, a_table_of_text_becomes_rows_and_header_cells) {
    char *html;
    size_t size;
    FILE *out = open_memstream(&html, &size);
    report_put_table(out, "arm\tempty\tx\n<a>\t\t0.12365000000000001\nb\t\tnan\n");
    fclose(out);
    cr_expect_str_eq(html, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">arm</th>"
                           "<th scope=\"col\">x</th></tr></thead><tbody>\n"
                           "<tr><td>&lt;a&gt;</td><td class=\"n\">0.1237</td></tr>\n"
                           "<tr><td>b</td><td class=\"n\">nan</td></tr>\n"
                           "</tbody></table></div>");
    free(html);
}

/* ---- texts of strangers ---- */

static const char strange[] = "schema: 1\n"
                              "name: strange\n"
                              "title: \"<script>alert(1)</script> | [a](javascript:b) "
                              "![c](http://d/) `e` &lt; *f* _g_\\nh\"\n"
                              "claim:\n"
                              "  number: 1\n"
                              "  notes: '\\\" onclick=\\\"x'\n"
                              "  says: <img src=x onerror=alert(1)> {{title}} {{claims}}\n"
                              "  cannot: <b>never</b> | <i>\n";

/* A line of Markdown in which nothing but the table's bars is Markdown or HTML. */
static void expect_plain_cells(const char *markdown) {
    const char *row = strstr(markdown, "\n| 1 |");
    cr_assert(row, "%s", markdown);
    cr_expect(
        strstr(row, "| \\<script>alert(1)\\</script> \\| \\[a\\](javascript:b) !\\[c\\](http://d/) "
                    "\\`e\\` \\&lt; \\*f\\* \\_g\\_ h | **not tried** | "
                    "\\<b>never\\</b> \\| \\<i> |\n"),
        "%s", row);
}

Test(report, texts_of_claims_are_texts_on_the_page_and_in_markdown) {
    char folder[] = "/tmp/normlab-strange-XXXXXX";
    cr_assert(mkdtemp(folder) != NULL);
    struct pool pool = {0};
    const char *file = pool_format(&pool, "%s/a b'$(touch x).yaml", folder),
               *html = pool_format(&pool, "%s/page.html", folder),
               *markdown = pool_format(&pool, "%s/page.md", folder);
    struct claim claim;
    struct judgement judgement;
    char *page, *table;
    cr_assert(file_publish(file, strange) == OK, "%s", status_message());
    cr_assert(claim_read(file, NULL, &claim) == OK, "%s", status_message());
    cr_assert(verdict_judge(&claim, folder, &judgement) == OK, "%s", status_message());
    struct report report = {
        .title = "a\x1b[2J<b>", .out = folder, .n = 1, .judgements = &judgement};
    cr_assert(report_write_html(html, &report) == OK, "%s", status_message());
    cr_assert(report_write_markdown(markdown, &report) == OK, "%s", status_message());
    cr_assert(file_read(html, &pool, &page) == OK && file_read(markdown, &pool, &table) == OK);
    static const char *const raw[] = {"<script>alert", "<img src", "\" onclick",
                                      "<b>",           "<i>",      "\x1b"};
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        cr_expect(!strstr(page, raw[i]), "the page has %s", raw[i]);
    cr_expect(strstr(page, "a\\x1b[2J&lt;b&gt;"), "the title");
    cr_expect(strstr(page, "{{title}} {{claims}}"), "a place within a text is a text");
    expect_plain_cells(table);
    judgement_free(&judgement);
    claim_free(&claim);
    cr_expect(unlink(file) == 0 && unlink(html) == 0 && unlink(markdown) == 0 &&
              rmdir(folder) == 0);
    pool_free(&pool);
}

/* A reader copies the command that repeats a claim. */
Test(report, paths_in_commands_are_words_of_a_shell) {
    char folder[] = "/tmp/normlab-strange-XXXXXX";
    cr_assert(mkdtemp(folder) != NULL);
    struct pool pool = {0};
    const char *file = pool_format(&pool, "%s/a b'$(touch x).yaml", folder),
               *html = pool_format(&pool, "%s/page.html", folder);
    char *text, *page;
    struct claim claim;
    struct judgement judgement;
    cr_assert(file_read(files[1], &pool, &text) == OK && file_publish(file, text) == OK);
    cr_assert(claim_read(file, NULL, &claim) == OK, "%s", status_message());
    cr_assert(verdict_judge(&claim, folder, &judgement) == OK, "%s", status_message());
    struct report report = {.title = "x", .out = "; rm -r x", .n = 1, .judgements = &judgement};
    cr_assert(report_write_html(html, &report) == OK, "%s", status_message());
    cr_assert(file_read(html, &pool, &page) == OK);
    const char *line = pool_format(
        &pool, "normlab judge '%s/a b'\\''$(touch x).yaml' --out '; rm -r x'</code>", folder);
    cr_expect(strstr(page, line), "no %s", line);
    judgement_free(&judgement);
    claim_free(&claim);
    cr_expect(unlink(file) == 0 && unlink(html) == 0 && rmdir(folder) == 0);
    pool_free(&pool);
}

/* What a shortened run shows, or does not, is no judgement of a paper. */
Test(report, a_shortened_paper_is_seen_or_not_seen) {
    static const char *const protocols[] = {NULL, "quick", "literal"};
    static const char *const words[] = {"not seen (shortened)", "not seen (shortened)", "refuted"};
    static const char *const seen[] = {"seen (shortened)", "seen (shortened)", "supported"};
    for (int i = 0; i < 3; i++) {
        struct claim claim;
        cr_assert(claim_read(files[3], protocols[i], &claim) == OK, "%s", status_message());
        struct judgement judgement = {.claim = &claim, .decided = true, .verdict = VERDICT_REFUTED};
        cr_expect_str_eq(judgement_word(&judgement), words[i]);
        judgement.verdict = VERDICT_SUPPORTED;
        cr_expect_str_eq(judgement_word(&judgement), seen[i]);
        claim.full_size = true;
        cr_expect(claim_is_shortened(&claim) == (i == 1), "protocol %d", i);
        claim_free(&claim);
    }
}

Test(report, the_runs_of_a_claim_are_told_in_a_sentence) {
    static const struct {
        const char *file, *words;
    } cases[] = {
        {"experiments/claims/01_normalized_inputs.yaml",
         "Raw, scaled and standardized input: fashion-mnist, hidden layers 100-100-100, relu, "
         "mini-batches of 64 rows; varied: data.scale, model.init_scale, norm.kind, train.steps, "
         "optimizer.lr, seed. Each arm is taken at the learning rate that was best for it on other "
         "seeds, unless one is named."},
        {"experiments/papers/masters_luschi_2018.yaml",
         "Masters & Luschi 2018, the best mini-batch: fashion-mnist, hidden layers 100-100-100, "
         "relu; varied: norm.kind, train.batch_size, optimizer.lr, seed. Each arm is taken at the "
         "best of the learning rates tried, unless one is named."},
        {"experiments/claims/03_rounder_cost.yaml",
         "The curvature of softmax regression: fashion-mnist, hidden layers none, mini-batches of "
         "1000 rows; varied: data.scale, optimizer.lr, seed. Learning rates are as named."},
        {"experiments/claims/33_small_batches.yaml",
         "Small mini-batches, optimizer's and normalizer's alike: fashion-mnist, hidden layers "
         "100-100-100, relu; varied: norm.kind, train.batch_size, optimizer.lr, seed. Learning "
         "rates were tuned for each arm on validation data, with other seeds."},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct claim claim;
        cr_assert(claim_read(cases[i].file, NULL, &claim) == OK, "%s", status_message());
        const char *words = report_setting(&claim, &pool);
        cr_expect(!strcmp(words, cases[i].words), "'%s'", words);
        claim_free(&claim);
    }
    pool_free(&pool);
}

Test(report, numbers_have_the_digits_that_their_interval_is_worth) {
    static const struct {
        double value, width;
        const char *text;
    } cases[] = {
        {0.123456, 0.012, "0.123"}, {0.123456, 0.0012, "0.1235"},
        {-12.3456, 4, "-12.3"},     {1234.56, 320, "1235"},
        {-0.0004, 0.1, "0.00"},     {-0.006, 0.1, "-0.01"},
        {0.123456, 0, "0.1235"},    {NAN, 0.1, "nan"},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = report_number(cases[i].value, cases[i].width, &pool);
        cr_expect(!strcmp(text, cases[i].text), "%g by %g: '%s'", cases[i].value, cases[i].width,
                  text);
    }
    pool_free(&pool);
}
