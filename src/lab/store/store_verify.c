/* Compares fingerprints of what was to be written with those of what can be read. */
#include "lab/store/store_verify.h"

#include <string.h>

#include "lab/store/store_reader.h"

struct written_run written_run(const struct record *record) {
    struct written_run run;
    struct fingerprint print = {0};
    memcpy(run.id, record->id, sizeof run.id);
    for (int i = 0; i < record->n_series; i++)
        fingerprint_series(&print, &record->series[i]);
    fingerprint_attributes(&print, record);
    fingerprint_end(&print, run.fingerprint);
    return run;
}

static enum status compare(const char *what, const char *written, struct fingerprint *print,
                           enum status status) {
    char read[HASH_TEXT_SIZE];
    fingerprint_end(print, read);
    if (status || strcmp(written, read) == 0)
        return status;
    return fail(ERROR_RUN, "%s is not what was written", what);
}

static enum status verify_run(struct reader *reader, const struct written_run *run) {
    struct record record = {0};
    struct fingerprint print = {0};
    reader->fingerprint = &print; /* analysis: taken away below */
    enum status status = reader_run(reader, run->id, &record);
    if (!status)
        fingerprint_attributes(&print, &record);
    status = compare(run->id, run->fingerprint, &print, status);
    reader->fingerprint = NULL;
    record_free(&record);
    return status;
}

static enum status verify_beside(struct reader *reader, const char *beside) {
    struct pool pool = {0};
    struct store_header header;
    struct table table = {0};
    struct fingerprint print = {0};
    enum status status = reader_header(reader, &pool, &header);
    if (!status)
        status = reader_summary(reader, &table);
    if (!status) {
        fingerprint_header(&print, &header);
        fingerprint_table(&print, &table);
    }
    status = compare("its summary", beside, &print, status);
    table_free(&table);
    pool_free(&pool);
    return status;
}

static enum status verify_stacks(struct reader *reader, const char *stacks) {
    struct record arrays = {0};
    struct fingerprint print = {0};
    reader->fingerprint = &print; /* analysis: taken away below */
    enum status status =
        compare("what is stacked of its runs", stacks, &print, reader_stacks(reader, &arrays));
    reader->fingerprint = NULL;
    record_free(&arrays);
    return status;
}

enum status store_verify(int descriptor, int n, const struct written_run *runs, const char *beside,
                         const char *stacks) {
    struct reader reader;
    enum status status = reader_open_written(&reader, descriptor);
    reader.series = reader.values = true;
    if (!status && beside)
        status = verify_beside(&reader, beside);
    for (int i = 0; i < n && !status; i++)
        status = verify_run(&reader, &runs[i]);
    if (!status && stacks)
        status = verify_stacks(&reader, stacks);
    status = reader_close(&reader, status);
    return status ? fail_in(ERROR_RUN, "does not read back") : OK;
}
