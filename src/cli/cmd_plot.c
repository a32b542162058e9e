/* normlab plot: the figures of a results file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/visible.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "cli/terminal_colour.h"
#include "io/files.h"
#include "lab/figure/figure_caption.h"
#include "lab/figure/figure_data.h"
#include "lab/figure/figure_draw.h"
#include "lab/figure/figure_list.h"
#include "lab/figure/figure_prepare.h"
#include "lab/figure/gnuplot.h"
#include "lab/plan/figure_kind.h"

enum { FORMATS = 3 };
static const char *const formats[FORMATS] = {"svg", "png", "pdf"};

struct plot_options {
    const char *file, *figure, *out;
    struct words more, formats; /* further files, and key=value */
    bool terminal, verbose;
};

/* What the command line asks for. */
struct request {
    const struct plot_options *options;
    struct pool *pool;
    struct figure_source source;
    const char *base;   /* "small_batch", the results file's name */
    const char *folder; /* where to */
    struct words files, overrides;
    bool draw[FORMATS];
};

/* ---- reading the command line ---- */

static enum status read_formats(const struct words *words, struct request *request) {
    for (int w = 0; w < words->n; w++) {
        int found = -1;
        for (int i = 0; i < FORMATS; i++)
            if (!strcmp(formats[i], words->items[w]))
                found = i;
        if (found < 0)
            return fail(ERROR_USAGE, "--format: '%s' is none of svg, png and pdf", words->items[w]);
        request->draw[found] = true;
    }
    return OK;
}

/* "results/small_batch.h5": base small_batch, folder results/figures. */
static void read_paths(struct request *request) {
    const char *path = request->options->file, *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t size = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    request->base = pool_format(request->pool, "%.*s", (int)size, name);
    request->folder = request->options->out ? request->options->out
                      : slash
                          ? pool_format(request->pool, "%.*sfigures", (int)(slash + 1 - path), path)
                          : "figures";
}

/* "y=test_loss"; the "mine+seed=0.h5" of a run with seed=0 is a file. */
static bool is_override(const char *word) {
    return word[strspn(word, "abcdefghijklmnopqrstuvwxyz")] == '=';
}

static void part_operands(struct request *request) {
    const struct plot_options *options = request->options;
    size_t most = (size_t)options->more.n + 1;
    request->files.items = pool_alloc(request->pool, most * sizeof *request->files.items);
    request->overrides.items = pool_alloc(request->pool, most * sizeof *request->overrides.items);
    request->files.items[request->files.n++] = options->file;
    for (int i = 0; i < options->more.n; i++) {
        const char *word = options->more.items[i];
        struct words *part = is_override(word) ? &request->overrides : &request->files;
        part->items[part->n++] = word;
    }
}

/* ---- what gnuplot is given ---- */

static int add_terminal_options(const char **options, int n, struct pool *pool) {
    enum { LEAST_HEIGHT = 24, FOR_WORDS = 6, USUAL = 28 };
    int height = terminal_height();
    options[n++] = pool_format(pool, "columns=%d", terminal_prose_width());
    options[n++] =
        pool_format(pool, "lines=%d", height > LEAST_HEIGHT ? height - FOR_WORDS : USUAL);
    if (terminal_has_colours())
        options[n++] = "colour=ansi256";
    return n;
}

static int build_options(const struct request *request, const struct drawing *drawing,
                         const char *caption, const char **options, struct pool *pool) {
    int n = figure_options(drawing, caption, options, pool);
    return request->options->terminal ? add_terminal_options(options, n, pool) : n;
}

static enum status run_gnuplot(const struct request *request, const struct gnuplot_call *call,
                               struct pool *pool, struct picture *picture) {
    if (request->options->verbose)
        fprintf(stderr, "%s\n", gnuplot_command(call, pool));
    return gnuplot_run(call, pool, picture);
}

static enum status draw_files(const struct request *request, const struct drawing *drawing,
                              struct gnuplot_call *call, struct pool *pool) {
    enum status status = OK;
    for (int i = 0; i < FORMATS && !status; i++) {
        struct picture picture;
        if (!request->draw[i])
            continue;
        call->terminal = formats[i];
        call->out = pool_format(pool, "%s/%s-%s.%s", request->folder, request->base, drawing->name,
                                formats[i]);
        status = run_gnuplot(request, call, pool, &picture);
        if (!status)
            status = file_publish_bytes(call->out, picture.bytes, picture.size);
        if (!status)
            text_print_path(stdout, call->out);
    }
    return status;
}

/* ---- in the terminal ---- */

/* Without the form feed before it, spaces at line ends and empty lines around it. */
static void print_picture(const struct picture *picture) {
    int n_empty = 0;
    bool begun = false;
    for (const char *line = picture->bytes, *next; *line; line = next) {
        size_t size = strcspn(line, "\n");
        next = line + size + (line[size] == '\n');
        size_t feed = strspn(line, "\f");
        line += feed;
        size -= feed;
        while (size > 0 && line[size - 1] == ' ')
            size--;
        if (size == 0) {
            n_empty += begun;
            continue;
        }
        for (; n_empty > 0; n_empty--)
            putchar('\n');
        printf("%.*s\n", (int)size, line);
        begun = true;
    }
}

static enum status draw_terminal(const struct request *request, const struct drawing *drawing,
                                 const struct table *data, struct gnuplot_call *call,
                                 struct pool *pool) {
    int columns = terminal_prose_width();
    call->terminal = "dumb";
    call->out = "/dev/stdout";
    struct picture picture;
    enum status status = run_gnuplot(request, call, pool, &picture);
    if (status)
        return status;
    const char *failures = figure_failures(drawing, data, pool);
    print_wrapped(stdout, drawing->title, columns);
    print_wrapped(stdout,
                  drawing->kind->cells ? pool_format(pool, "In the cells: %s; upwards: %s.",
                                                     drawing->y_label, drawing->row_label)
                                       : pool_format(pool, "y: %s", drawing->y_label),
                  columns);
    putchar('\n');
    print_picture(&picture);
    putchar('\n');
    if (*failures)
        print_wrapped(stdout, pool_format(pool, "Failures: %s.", failures), columns);
    print_wrapped(stdout, figure_caption(drawing, data, true, pool), columns);
    puts("The terminal shows medians only.\n");
    return OK;
}

/* ---- one figure ---- */

static enum status write_tables(const struct request *request, const struct table *data,
                                const char *data_path, const struct table *points,
                                const char *points_path) {
    enum status status = figure_write_table(data_path, data);
    if (!status)
        status = figure_write_table(points_path, points);
    if (!status && !request->options->terminal) {
        text_print_path(stdout, data_path);
        text_print_path(stdout, points_path);
    }
    return status;
}

static enum status write_and_draw(const struct request *request, const struct drawing *drawing,
                                  const char *script, const struct table *points,
                                  const struct table *data, struct pool *pool) {
    const char *stem = pool_format(pool, "%s/%s-%s", request->folder, request->base, drawing->name);
    const char *data_path = pool_format(pool, "%s.tsv", stem);
    const char *points_path = pool_format(pool, "%s-points.tsv", stem);
    const char *caption = figure_caption(drawing, data, false, pool);
    const char *options[FIGURE_OPTIONS];
    struct gnuplot_call call = {
        .script = script, .data = data_path, .points = points_path, .options = options};
    call.n_options = build_options(request, drawing, caption, options, pool);
    enum status status = write_tables(request, data, data_path, points, points_path);
    if (!status)
        status = request->options->terminal ? draw_terminal(request, drawing, data, &call, pool)
                                            : draw_files(request, drawing, &call, pool);
    if (request->options->terminal) {
        unlink(data_path);
        unlink(points_path);
    }
    return status;
}

/* Nothing is written before all is known to fit. */
static enum status draw(const struct request *request, const struct figure *figure) {
    struct pool pool = {0};
    struct drawing drawing;
    struct table points, data;
    const char *script = NULL;
    enum status status = figure_prepare(&request->source, figure, &pool, &drawing);
    if (!status) {
        status = figure_script_find(drawing.script, &pool, &script);
        if (!status)
            status = figure_data(&request->source, &drawing, &points, &data);
        if (!status) {
            status = write_and_draw(request, &drawing, script, &points, &data, &pool);
            table_free(&points);
            table_free(&data);
        }
        drawing_free(&drawing);
    }
    pool_free(&pool);
    return status;
}

/* ---- the command ---- */

/* Of several figures those that suit the file and the options; one alone must. */
static enum status draw_figures(struct request *request, const struct figure *figures, int n) {
    const char *left_out = "";
    enum status status = OK;
    int n_drawn = 0;
    for (int i = 0; i < n && status != ERROR_RUN; i++) {
        status = draw(request, &figures[i]);
        n_drawn += !status;
        if (status)
            left_out = pool_format(request->pool, "%snormlab: not drawn: %s\n", left_out,
                                   status_message());
    }
    if (status == ERROR_RUN || n_drawn == 0)
        return status;
    fputs(left_out, stderr);
    return OK;
}

static enum status draw_all(struct request *request) {
    const struct plot_options *options = request->options;
    struct figure *figures;
    int n;
    enum status status = figure_list(&request->source, options->figure, request->overrides.n,
                                     request->overrides.items, request->pool, &figures, &n);
    if (!status)
        status = options->terminal ? folder_temporary("plot", request->pool, &request->folder)
                                   : folder_create(request->folder);
    if (status)
        return status;
    status = draw_figures(request, figures, n);
    if (options->terminal)
        rmdir(request->folder);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct plot_options *options = arguments->options;
    struct request request = {.options = options, .pool = arguments->pool};
    read_paths(&request);
    part_operands(&request);
    enum status status = read_formats(&options->formats, &request);
    if (!status)
        status = figure_source_open(request.files.n, request.files.items, &request.source);
    if (!status) {
        status = draw_all(&request);
        figure_source_close(&request.source);
    }
    return status;
}

static const struct option_row rows[] = {
    {.name = "RESULTS.h5", .type = OPERAND, FIELD(struct plot_options, file)},
    {.name = "option=value", .type = OPERANDS, FIELD(struct plot_options, more)},
    {"figure", "NAME", "draw this one only; may be the path of a gnuplot script of yours",
     OPTION_TEXT, FIELD(struct plot_options, figure)},
    {"format", "LIST", "svg, png or pdf, or several, separated by commas", OPTION_LIST,
     FIELD(struct plot_options, formats), .initial = "svg,png"},
    {"out", "DIR", "folder of the figures; default: figures/ beside the results file", OPTION_TEXT,
     FIELD(struct plot_options, out)},
    {"terminal", NULL, "draw in the terminal and write no files; honours NO_COLOR", OPTION_FLAG,
     FIELD(struct plot_options, terminal)},
    {"verbose", NULL, "print the gnuplot command lines", OPTION_FLAG,
     FIELD(struct plot_options, verbose)},
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

/* The kinds of figures that are known. */
static void print_kinds(FILE *out) {
    fprintf(out, "\nFigures\n");
    for (int i = 0; i < figure_kind_count(); i++)
        print_named(out, 22, figure_kind_get(i)->script, figure_kind_get(i)->doc);
}

const struct command command_plot = {
    .name = "plot",
    .summary = "draw the figures of a results file, or of several",
    .usage = "RESULTS.h5... [key=value ...]",
    .details =
        "Draws the figures that the experiment file names. If it names none, draws those of the "
        "list below that suit what varies. Each becomes FOLDER/RESULTS-FIGURE.svg and .png. Beside "
        "them stand the two tables that the figure is drawn from; --verbose prints the gnuplot "
        "command that draws it from them again. plot needs nothing but the results file, and "
        "trains nothing. Of several files, the key `file` tells them apart: arm=file draws a line "
        "for "
        "each; the first one's definition says which figures.\n"
        "option=value changes what is drawn. x, panel, row and arm are keys; arm may be several, "
        "separated by commas. y is a final metric (y=test_loss) or two, the second dashed; or "
        "a series (y=step/train_loss), which learning_curves draws. y=bank/test_error treats "
        "every member of the runs' banks (eval.momenta) as a run with its own norm.momentum "
        "and norm.average. where is one or more conditions (where=norm.kind=batch,seed<4). "
        "title, xlabel and ylabel are texts; second names the dashed lines in the key. "
        "log=y|n makes the y axis logarithmic or linear; logx=2|10|n does the same for the x "
        "axis of error_vs_key, with that base.\n"
        "Arms of which runs failed have a line of counts above the axes. Where one arm leaves the "
        "others by far, the axis is cut, and triangles stand at its end; 0 has a place at the foot "
        "of a logarithmic axis. More arms than a reader can tell apart are not drawn: plot then "
        "lists the keys and values that where=, panel= and arm= may choose from.",
    .examples =
        "$ normlab plot results/small_batch.h5\n"
        "$ normlab plot results/small_batch.h5 --figure error_vs_batch --terminal\n"
        "$ normlab plot results/small_batch.h5 --figure error_vs_batch y=test_loss --format pdf\n"
        "$ normlab plot results/smoke.h5 --figure learning_curves y=step/train_loss\n"
        "$ normlab plot results/small_batch.h5 results/smoke.h5 --figure error_vs_batch arm=file",
    .print_rows = print_kinds,
    .rows = rows,
    .size = sizeof(struct plot_options),
    .run = run,
};
