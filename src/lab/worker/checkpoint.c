/* Writes a checkpoint and reads it back: one list of pieces for both. */
#include "lab/worker/checkpoint.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/kernel/gemm.h"
#include "io/draft.h"
#include "io/files.h"
#include "io/version_info.h"
#include "lab/store/store_seal.h"
#include "lab/worker/observer_state.h"

static void say(const struct checkpoint *checkpoint, const char *sentence) {
    if (checkpoint->say)
        checkpoint->say(checkpoint->argument, sentence);
}

/* ---- what it is of ---- */

/* A line of the text at its beginning, and what is said where it is not as it should be. */
struct line {
    const char *word, *otherwise;
};

enum { LINES = 5 };
static const struct line lines[LINES] = {
    {"normlab checkpoint", "of another version of normlab"},
    {"run", "of another run"},
    {"program", "written by another build of normlab"},
    {"log", "of a run that logs something else"},
    {"bytes", "of a run of another shape"},
};

/* The normalizer's shared object is a part of it. */
static const char *program(const struct planned_run *planned, struct pool *pool) {
    const char *plugin = normalizer_object(planned->config.run.norm.kind).hash;
    return pool_format(pool, "%s %s%s %s; products: %s%s%s", build_version, build_commit,
                       build_dirty ? " changed" : "", build_hash(), gemm_kind(),
                       plugin ? "; plugin: " : "", plugin ? plugin : "");
}

/* All that decides which points are taken: the keys log.*. */
static const char *logged(const struct planned_run *planned, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < key_count(); i++)
        if (!strncmp(key_get(i)->name, "log.", 4))
            text = pool_format(pool, "%s%s%s=%s", text, *text ? " " : "", key_get(i)->name,
                               value_text(key_get(i), &planned->cell.values[i], pool));
    return text;
}

static const char *header_of(const struct checkpoint *checkpoint, size_t size, struct pool *pool) {
    const struct planned_run *planned = checkpoint->planned;
    const char *const values[LINES] = {"1", planned->id, program(planned, pool),
                                       logged(planned, pool), pool_format(pool, "%zu", size)};
    const char *text = "";
    for (int i = 0; i < LINES; i++)
        text = pool_format(pool, "%s%s %s\n", text, lines[i].word, values[i]);
    return text;
}

/* ---- writing ---- */

bool checkpoint_is_due(const struct checkpoint *checkpoint) {
    return checkpoint->every_s > 0 &&
           clock_seconds() - checkpoint->written_s >= checkpoint->every_s;
}

static enum status write_draft(struct draft *draft, const char *header,
                               const struct pieces *pieces) {
    enum status status = draft_write(draft, header, strlen(header));
    for (int i = 0; i < pieces->n && !status; i++)
        status = draft_write(draft, pieces->items[i].bytes, pieces->items[i].size);
    if (!status)
        status = store_seal(draft);
    return status ? status : draft_publish(draft);
}

enum status checkpoint_write(struct checkpoint *checkpoint, struct observer *observer) {
    struct pool pool = {0};
    struct pieces pieces = {0};
    struct draft draft = {0};
    observer_pieces(observer, &pieces);
    const char *header = header_of(checkpoint, pieces_size(&pieces), &pool);
    enum status status = draft_open(checkpoint->path, &draft);
    if (!status)
        status = write_draft(&draft, header, &pieces);
    draft_discard(&draft);
    if (status && !checkpoint->failed)
        say(checkpoint, pool_format(&pool, "no checkpoint: %s", status_message()));
    checkpoint->failed = status != OK;
    checkpoint->written_s = clock_seconds();
    pieces_free(&pieces);
    pool_free(&pool);
    return status;
}

/* ---- reading ---- */

static enum status fail_reading(void) {
    return fail(ERROR_UNREADABLE, "%s",
                errno == ESTALE ? "it is shorter than it was" : strerror(errno));
}

static enum status check_seal(int descriptor) {
    bool sealed = false;
    enum status status = store_check_seal(descriptor, &sealed);
    if (status == ERROR_UNREADABLE || sealed)
        return status;
    return fail(ERROR_RESULTS, "damaged");
}

/* Says what the first line is about that is not as it should be. */
static enum status check_header(int descriptor, const char *header) {
    struct pool pool = {0};
    size_t length = strlen(header);
    char *text = pool_alloc(&pool, length + 1); /* ends with 0 wherever the file ends */
    int line = 0;
    enum status status = pread(descriptor, text, length, 0) < 0 ? fail_reading() : OK;
    if (!status && strcmp(text, header) != 0) {
        for (size_t i = 0; text[i] == header[i]; i++)
            line += text[i] == '\n';
        status = fail(ERROR_RESULTS, "%s", lines[line].otherwise);
    }
    pool_free(&pool);
    return status;
}

/* From behind the header on. */
static enum status fill(int descriptor, const char *header, const struct pieces *pieces,
                        struct observer *observer) {
    off_t at = (off_t)strlen(header);
    enum status status = OK;
    for (int i = 0; i < pieces->n && !status; i++) {
        const struct piece *piece = &pieces->items[i];
        if (!file_read_at(descriptor, at, piece->bytes, piece->size))
            status = fail_reading();
        at += (off_t)piece->size;
    }
    if (!status && !observer_is_sound(observer))
        status = fail(ERROR_RUN, "its seal fits and its counts cannot be; remove it");
    observer->resumed++;
    return status;
}

/* Nothing is touched before all is checked. */
static enum status read_open(const struct checkpoint *checkpoint, struct observer *observer,
                             int descriptor) {
    struct pool pool = {0};
    struct pieces pieces = {0};
    observer_pieces(observer, &pieces);
    const char *header = header_of(checkpoint, pieces_size(&pieces), &pool);
    enum status status = check_seal(descriptor);
    if (!status)
        status = check_header(descriptor, header);
    if (!status)
        status = fill(descriptor, header, &pieces, observer);
    pieces_free(&pieces);
    pool_free(&pool);
    return status;
}

static enum status read_file(const struct checkpoint *checkpoint, struct observer *observer) {
    int descriptor;
    enum status status = file_open(checkpoint->path, &descriptor);
    if (status)
        return status;
    status = read_open(checkpoint, observer, descriptor);
    close(descriptor); /* only read from */
    return status;
}

static bool is_there(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0 || errno != ENOENT;
}

enum status checkpoint_resume(struct checkpoint *checkpoint, const struct planned_run *planned,
                              struct observer *observer) {
    struct pool pool = {0};
    checkpoint->planned = planned;
    checkpoint->written_s = clock_seconds();
    observer->checkpoint = checkpoint;
    enum status status = is_there(checkpoint->path) ? read_file(checkpoint, observer) : OK;
    if (status == ERROR_RESULTS) {
        say(checkpoint,
            pool_format(&pool, "%s: %s; the run begins anew", checkpoint->path, status_message()));
        status = OK;
    }
    if (!status && observer->trainer->step > 0)
        say(checkpoint, pool_format(&pool, "%s goes on from step %ld of %ld", planned->id,
                                    observer->trainer->step, observer->trainer->total_steps));
    pool_free(&pool);
    return status ? fail_in(status, "%s", checkpoint->path) : OK;
}

void checkpoint_remove(const char *path) {
    unlink(path); /* one that stays is of no harm: it is of this very run */
}
