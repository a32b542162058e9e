/* Wrong rows from files: those that are refused, because a stranger may have written them, and
 * those that a run has not. */
#include "lab/store/wrong_rows.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/lab/store/sample.h"

enum { M = 70, WORDS = 2, MEMBERS = 6 };

static char folder[64], path[128];
static struct pool pool;

static void create(void) {
    sample_folder(folder);
}

static void destroy(void) {
    pool_free(&pool);
    sample_remove(folder);
}

TestSuite(wrong_rows, .init = create, .fini = destroy);

/* What a run's file says. */
struct file {
    long m; /* test_rows; 0: there is no such metric */
    double error;
    enum series_type type;
    size_t words;
    uint64_t last; /* word of rows */
    const char *status;
};

/* Rows 0, 5 and 69 of 70. */
static const struct file sound = {M, 3.0 / M, SERIES_I64, WORDS, 1 << 5, "complete"};

static void add_rows(struct record *record, const struct file *file) {
    const uint64_t words[] = {1 << 0 | 1 << 5, file->last, 0};
    const double reals[] = {1, 2, 3};
    struct series rows = {.group = "rows",
                          .name = "wrong_population",
                          .unit = "1",
                          .doc = "",
                          .type = file->type,
                          .n_dims = 1,
                          .dims = {file->words},
                          .dim_names = {"word"},
                          .data = file->type == SERIES_I64 ? (const void *)words : reals};
    record_add_count(record, "rows", "word", "", file->words, 0);
    record_add_series(record, &rows);
}

/* Member i is wrong about its first i rows; where it lies, the last one about a row more than its
 * error says. The first has no error. */
static void add_bank(struct record *record, bool lies) {
    static const double momenta[] = {0.5, 0.999};
    uint64_t words[MEMBERS * WORDS] = {0};
    double errors[MEMBERS];
    for (int i = 0; i < MEMBERS; i++) {
        words[i * WORDS] = ((uint64_t)1 << i) - 1;
        errors[i] = i ? (double)i / M : (double)NAN;
    }
    words[MEMBERS * WORDS - 1] |= lies ? 1 : 0;
    struct series series = {.group = "bank",
                            .name = "test_error_debiased",
                            .unit = "1",
                            .doc = "",
                            .type = SERIES_F64,
                            .n_dims = 2,
                            .dims = {2, 3, WORDS},
                            .dim_names = {"momentum", "average", "word"},
                            .data = errors};
    record_add_scale(record, "bank", "momentum", "", SERIES_F64, 2, momenta);
    record_add_count(record, "bank", "average", "", 3, 0);
    record_add_count(record, "bank", "word", "", WORDS, 0);
    record_add_series(record, &series);
    series.name = "wrong_debiased";
    series.type = SERIES_I64;
    series.n_dims = 3;
    series.data = words;
    record_add_series(record, &series);
}

static const char *write_file(const struct file *file, bool lies) {
    static char id[RUN_ID_SIZE];
    struct record sample, record = {0};
    sample_record(0, &sample);
    memcpy(record.id, sample.id, sizeof record.id);
    attributes_add_text(&record, &record.config, "data.split", "folds", NULL);
    attributes_add_int(&record, &record.config, "seed", 205, NULL, NULL);
    attributes_add_text(&record, &record.final, "status", file->status, "");
    attributes_add_real(&record, &record.final, "test_error_population", file->error, "1", "");
    attributes_add_real(&record, &record.final, "test_error", 0.5, "1", "");
    if (file->m)
        attributes_add_int(&record, &record.final, "test_rows", file->m, "1", "");
    add_rows(&record, file);
    add_bank(&record, lies);
    cr_assert(!store_write_run(folder, &record), "%s", status_message());
    snprintf(path, sizeof path, "%s/%s.h5", folder, record.id);
    memcpy(id, record.id, sizeof id);
    record_free(&sample);
    record_free(&record);
    return id;
}

Test(wrong_rows, rows_of_a_file_worked_by_hand) {
    struct wrong_rows rows;
    const char *id = write_file(&sound, false);
    enum status status = wrong_rows_read(path, id, "test_error_population", 0, NULL, &pool, &rows);
    cr_assert(!status, "%s", status_message());
    cr_assert(rows.m == M && rows.fold == 2, "%ld rows of fold %d: 205 mod 7 is 2", rows.m,
              rows.fold);
    cr_assert(rows.bits[0] == (1 | 32) && rows.bits[1] == 32 && wrong_rows_count(&rows) == 3,
              "rows 0, 5 and 69");
    status = wrong_rows_read(path, id, "test_error", 0, NULL, &pool, &rows);
    cr_assert(!status && !rows.bits, "a run that was not asked for its rows");
}

Test(wrong_rows, a_run_that_diverged_has_rows_without_an_error) {
    struct wrong_rows rows;
    struct file file = sound;
    file.error = NAN;
    file.status = "diverged";
    const char *id = write_file(&file, false);
    cr_assert(!wrong_rows_read(path, id, "test_error_population", 0, NULL, &pool, &rows), "%s",
              status_message());
    cr_assert(rows.bits && wrong_rows_count(&rows) == 3, "those of the constant prediction");
}

Test(wrong_rows, what_does_not_fit_is_refused) {
    const struct {
        const char *what, *word;
        struct file file;
    } bad[] = {
        {"another count", "of the rows are wrong", {M, 4.0 / M, SERIES_I64, WORDS, 32, "complete"}},
        {"reals", "is not of 70 test rows", {M, 3.0 / M, SERIES_F64, WORDS, 32, "complete"}},
        {"too few words", "is not of 70 test rows", {M, 3.0 / M, SERIES_I64, 1, 32, "complete"}},
        {"too many", "is not of 70 test rows", {M, 3.0 / M, SERIES_I64, 3, 32, "complete"}},
        {"a row 70", "is not of 70 test rows", {M, 3.0 / M, SERIES_I64, WORDS, 64, "complete"}},
        {"no number of rows", "test rows", {0, 3.0 / M, SERIES_I64, WORDS, 32, "complete"}},
        {"a negative one", "test rows", {-5, 3.0 / M, SERIES_I64, WORDS, 32, "complete"}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wrong_rows rows = {-7, -7, NULL};
        const char *id = write_file(&bad[i].file, false);
        enum status status =
            wrong_rows_read(path, id, "test_error_population", 0, NULL, &pool, &rows);
        cr_assert(status == ERROR_RESULTS && strstr(status_message(), bad[i].word) &&
                      strstr(status_message(), path) && strstr(status_message(), id),
                  "%s: %d, %s", bad[i].what, status, status_message());
        cr_assert(rows.m == -7, "%s: rows all the same", bad[i].what);
    }
}

static enum status read_member(const char *id, int n, const char *const *where,
                               struct wrong_rows *rows) {
    return wrong_rows_read(path, id, "bank/test_error_debiased", n, where, &pool, rows);
}

Test(wrong_rows, a_member_is_named_by_its_momentum_and_average) {
    static const char *const fifth[] = {"momentum=0.999", "average=1"},
                             *const swapped[] = {"average=1", "momentum=.999"},
                             *const first[] = {"momentum=0.5", "average=0"};
    struct wrong_rows rows;
    const char *id = write_file(&sound, false);
    cr_assert(!read_member(id, 2, fifth, &rows), "%s", status_message());
    cr_assert(rows.bits[0] == 15 && wrong_rows_count(&rows) == 4, "member 4");
    cr_assert(!read_member(id, 2, swapped, &rows) && rows.bits[0] == 15, "%s", status_message());
    cr_assert(!read_member(id, 2, first, &rows) && !rows.bits, "a member without an error");
}

Test(wrong_rows, a_member_that_nobody_or_several_are_is_refused) {
    static const char *const where[][2] = {
        {"momentum=0.7", "average=1"},  {"momentum=0.5", "average=3"},
        {"momentum>0.5", "average=1"},  {"momentum=0.5|0.999", "average=1"},
        {"momentum=0.5", "word=1"},     {"momentum=0.5", "momentum=0.5"},
        {"momentum=half", "average=1"},
    };
    struct wrong_rows rows;
    const char *id = write_file(&sound, false);
    for (size_t i = 0; i < sizeof where / sizeof *where; i++)
        cr_assert(read_member(id, 2, where[i], &rows) == ERROR_USAGE &&
                      strstr(status_message(), "of one member"),
                  "%s, %s: %s", where[i][0], where[i][1], status_message());
    cr_assert(read_member(id, 0, NULL, &rows) == ERROR_USAGE, "no member");
    cr_assert(wrong_rows_read(path, id, "test_error_population", 1, where[0], &pool, &rows) ==
                  ERROR_USAGE,
              "a member of a run's own statistics");
}

Test(wrong_rows, a_members_rows_are_as_many_as_its_error_says) {
    static const char *const last[] = {"momentum=0.999", "average=2"};
    struct wrong_rows rows;
    const char *id = write_file(&sound, true);
    cr_assert(read_member(id, 2, last, &rows) == ERROR_RESULTS &&
                  strstr(status_message(), "of the rows are wrong"),
              "%s", status_message());
}

Test(wrong_rows, metrics_that_count_no_rows) {
    static const char *const none[] = {
        "validation_error",           "test_loss", "test_error_batch", "test_error_none",
        "bank/test_error_population", "steps",     "bank/train_error", "xtest_error"};
    static const char *const some[][2] = {{"test_error", "rows/wrong"},
                                          {"test_error_scored", "rows/wrong"},
                                          {"test_error_debiased", "rows/wrong_debiased"},
                                          {"bank/test_error", "bank/wrong"},
                                          {"bank/test_error_debiased", "bank/wrong_debiased"}};
    struct wrong_rows rows;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert(!wrong_rows_series(none[i], &pool), "%s", none[i]);
        cr_assert(wrong_rows_read("/nowhere", "r0", none[i], 0, NULL, &pool, &rows) == ERROR_USAGE,
                  "%s", none[i]);
    }
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        cr_assert(!strcmp(wrong_rows_series(some[i][0], &pool), some[i][1]), "%s", some[i][0]);
}
