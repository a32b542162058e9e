#define _GNU_SOURCE /* memmem */
/* A run that is cut off and taken up again, at any step, any number of times, ends in the bits of
 * one that nobody disturbed: final metrics, series, weights. What is no checkpoint of this run,
 * this program and this log is said and left alone. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "engine/nn/optimizer.h"
#include "lab/plan/plan.h"
#include "lab/worker/execute.h"

TestSuite(checkpoint, .timeout = 300);

static const char text[] =
    "schema: 1\n"
    "name: cut\n"
    "title: A run that is cut off\n"
    "base:\n"
    "  data: {name: clusters, classes: 3, features: 12, rows: 90, test_rows: 30, train: 60,\n"
    "         validation: 30}\n"
    "  model: {hidden: [12, 16]}\n"
    "  train: {batch_size: 10, epochs: 2}\n";

enum { OVERRIDES = 12 };

struct bench {
    struct experiment experiment;
    struct plan plan;
    struct planned_run *run;
    char folder[64], path[128], said[1024];
    int n_said;
    struct checkpoint checkpoint;
    struct heartbeat heartbeat;
};

static void hear(void *argument, const char *sentence) {
    struct bench *bench = argument;
    snprintf(bench->said, sizeof bench->said, "%s", sentence);
    bench->n_said++;
}

static void bench_create(struct bench *bench, const char *const overrides[OVERRIDES]) {
    int n = 0;
    while (n < OVERRIDES && overrides[n])
        n++;
    *bench = (struct bench){.folder = "/tmp/normlab-checkpoint-XXXXXX"};
    cr_assert(!experiment_parse("cut.yaml", text, n, overrides, &bench->experiment), "%s",
              status_message());
    cr_assert(!plan_create(&bench->experiment, &bench->plan), "%s", status_message());
    bench->run = &bench->plan.runs[0];
    cr_assert(mkdtemp(bench->folder), "no folder under /tmp");
    snprintf(bench->path, sizeof bench->path, "%s/%s.checkpoint", bench->folder, bench->run->id);
    bench->checkpoint = (struct checkpoint){.path = bench->path, .say = hear, .argument = bench};
}

static void bench_free(struct bench *bench) {
    remove(bench->path);
    cr_assert(rmdir(bench->folder) == 0, "something is left in %s", bench->folder);
    plan_free(&bench->plan);
    experiment_free(&bench->experiment);
}

/* Without a checkpoint. */
static void run_quietly(struct bench *bench, struct record *record) {
    cr_assert(!run_execute(bench->run, 1, 1, NULL, NULL, record), "%s", status_message());
}

/* One call, with one thread, two and three in turn. */
static enum status run_a_part(struct bench *bench, long call, struct record *record) {
    return run_execute(bench->run, 1 + (int)(call % 3), 1, &bench->heartbeat, &bench->checkpoint,
                       record);
}

/* Every call makes the next step and leaves. Returns how many there were. */
static long run_step_by_step(struct bench *bench, struct record *record) {
    long calls = 0;
    enum status status;
    atomic_store(&bench->heartbeat.stop, true);
    do
        status = run_a_part(bench, calls++, record);
    while (status == STOPPED_TERM && calls <= bench->run->total_steps);
    cr_assert(!status, "after %ld calls: %s", calls, status_message());
    return calls;
}

/* Asks to leave when so many steps are done. */
struct asker {
    struct heartbeat *heartbeat;
    long steps;
};

static void *ask_to_leave(void *argument) {
    const struct asker *asker = argument;
    while (atomic_load(&asker->heartbeat->steps) < asker->steps)
        sched_yield();
    atomic_store(&asker->heartbeat->stop, true);
    return NULL;
}

/* Leaves at some random steps, after stretches of many. */
static long run_in_parts(struct bench *bench, struct record *record) {
    long calls = 0, total = bench->run->total_steps, done = 0;
    enum status status = STOPPED_TERM;
    for (; status == STOPPED_TERM; calls++) {
        pthread_t thread;
        struct asker asker = {&bench->heartbeat, done + 1 + rand() % (1 + total / 4)};
        atomic_store(&bench->heartbeat.stop, false);
        cr_assert(pthread_create(&thread, NULL, ask_to_leave, &asker) == 0, "no thread");
        status = run_a_part(bench, calls, record);
        done = atomic_load(&bench->heartbeat.steps);
        atomic_store(&bench->heartbeat.steps, LONG_MAX); /* so that it ends */
        pthread_join(thread, NULL);
        atomic_store(&bench->heartbeat.steps, done);
    }
    cr_assert(!status, "after %ld calls: %s", calls, status_message());
    return calls;
}

/* ---- the same bits ---- */

static bool is_clock(const char *name) {
    size_t length = strlen(name);
    return length > 2 && !strcmp(name + length - 2, "_s");
}

static bool same_attribute(const struct attribute *a, const struct attribute *b) {
    if (strcmp(a->name, b->name) != 0 || a->type != b->type)
        return false;
    return is_clock(a->name) ||
           (a->integer == b->integer && memcmp(&a->real, &b->real, sizeof a->real) == 0 &&
            (!a->text || !strcmp(a->text, b->text)));
}

/* The first difference; NULL: none. */
static const char *difference(const struct record *a, const struct record *b) {
    if (a->n_series != b->n_series)
        return "the number of series";
    for (int i = 0; i < a->final.n; i++)
        if (!same_attribute(&a->final.items[i], &b->final.items[i]))
            return a->final.items[i].name;
    for (int i = 0; i < a->n_series; i++) {
        const struct series *x = &a->series[i], *y = &b->series[i];
        size_t size = series_count(x) * series_element_size(x->type);
        if (strcmp(x->group, y->group) != 0 || strcmp(x->name, y->name) != 0)
            return "the order of series";
        if (series_count(x) != series_count(y) || memcmp(x->data, y->data, size) != 0)
            return pool_format((struct pool *)&a->pool, "%s/%s", x->group, x->name);
    }
    return NULL;
}

static void expect_same(const struct bench *bench, const struct record *quiet,
                        const struct record *cut) {
    const char *found = difference(quiet, cut);
    cr_expect(!found, "%s differ in a run that was cut off:\n%s", found ? found : "",
              bench->run->canonical);
}

static long resumed(const struct record *record) {
    const struct attribute *attribute = attributes_find(&record->provenance, "resumed");
    return attribute ? attribute->integer : 0;
}

/* Steps that were measured, a diverging one among them. */
static long steps_of(const struct record *record) {
    long diverged = attributes_find(&record->final, "diverged_at_step")->integer;
    return diverged >= 0 ? diverged + 1 : attributes_find(&record->final, "steps")->integer;
}

/* Short runs leave at each step. */
static void expect_same_bits(const char *const overrides[OVERRIDES]) {
    struct bench bench;
    struct record quiet, cut;
    bench_create(&bench, overrides);
    bool at_each = bench.run->total_steps <= 100;
    long calls = at_each ? run_step_by_step(&bench, &cut) : run_in_parts(&bench, &cut);
    run_quietly(&bench, &quiet);
    cr_expect(at_each ? calls == steps_of(&quiet) : calls > 1, "%ld calls for %ld steps:\n%s",
              calls, steps_of(&quiet), bench.run->canonical);
    cr_expect(resumed(&quiet) == 0, "a run that nobody disturbed was resumed");
    cr_expect(resumed(&cut) == calls - 1, "resumed %ld times, not %ld", resumed(&cut), calls - 1);
    cr_expect(bench.n_said == calls - 1, "of %ld times it goes on it says %d: %s", calls - 1,
              bench.n_said, bench.said);
    expect_same(&bench, &quiet, &cut);
    record_free(&quiet);
    record_free(&cut);
    bench_free(&bench);
}

static const char *every_probe(struct pool *pool) {
    const char *words = "log.probes=", *last = "";
    for (int i = 0; i < probe_count(); i++) {
        const char *family = probe_family(probe_get(i));
        if (strcmp(family, last) != 0)
            words = pool_format(pool, "%s %s", words, family);
        last = family;
    }
    return words;
}

/* Word i of a list that ends with NULL, from the beginning again after the last. */
static const char *word_of(const char *(*name)(int), int i) {
    int n = 0;
    while (name(n))
        n++;
    return name(i % n);
}

/* Normalizer i with one of each of the other lists, so that all are met. */
static void expect_same_bits_of(int i) {
    static const char *const levels[] = {"economy", "standard", "full"};
    struct pool pool = {0};
    const char *order = word_of(order_name, i);
    bool batches = !strcmp(order, "classes");
    const char *overrides[OVERRIDES] = {
        pool_format(&pool, "norm.kind=%s", normalizer_name(i)),
        pool_format(&pool, "optimizer.kind=%s", word_of(optimizer_name, i)),
        pool_format(&pool, "train.loss=%s", word_of(loss_name, i / 2)),
        pool_format(&pool, "train.order=%s", order),
        pool_format(&pool, "model.activation=%s", word_of(activation_name, i)),
        pool_format(&pool, "log.level=%s", levels[i % 3]),
        i % 2 ? every_probe(&pool) : "log.probes=",
        i % 4 < 2 ? "log.weights=both" : "log.weights=initial",
        i % 5 < 3 ? "norm.on_input=true" : "norm.placement=after",
        batches ? "train.classes_per_batch=2" : "optimizer.schedule=cosine",
    };
    expect_same_bits(overrides);
    pool_free(&pool);
}

Test(checkpoint, a_run_with_any_normalizer_goes_on_with_the_same_bits) {
    for (int i = 0; i < normalizer_count(); i++)
        expect_same_bits_of(i);
}

/* What the lists above do not bring together. EVERY_PROBE stands for log.probes with all of them.
 */
#define EVERY_PROBE "log.probes=*"
static const char *const cases[][OVERRIDES] = {
    {"norm.kind=batch", "log.level=full", EVERY_PROBE, "log.weights=both",
     "eval.momenta=[0,0.5,0.9]", "train.epochs=50"},
    {"norm.kind=batch", "eval.momenta=[0.5]", "norm.placement=after", "train.steps=7"},
    {"norm.kind=population", "log.level=full", "norm.refresh=4", "norm.population_rows=30"},
    {"norm.kind=batch", "optimizer.kind=adam", "optimizer.clip=0.1", "optimizer.schedule=step",
     "optimizer.warmup=0.3", "optimizer.weight_decay=0.01", "optimizer.decay_on=all"},
    {"norm.kind=none", "optimizer.momentum=0", "log.level=full", "train.steps=1"},
    {"data.name=linear", "train.loss=squared", "norm.kind=none", "model.hidden=[]",
     "log.level=full", EVERY_PROBE, "optimizer.lr=0.01"},
    {"norm.kind=none", "model.hidden=[]", "log.level=full", EVERY_PROBE},
    {"norm.kind=none", "train.loss=squared", "optimizer.lr=0.05", "model.activation=identity",
     "train.epochs=10", "log.level=full", EVERY_PROBE}, /* diverges in its third epoch */
    {"norm.kind=layer", "train.epochs=700", "train.batch_size=20", "log.level=standard",
     "log.test=epoch"},
};
enum { CASES = sizeof cases / sizeof *cases };

/* Case i with its probes in full. */
static void overrides_of(int i, const char *overrides[OVERRIDES], struct pool *pool) {
    for (int k = 0; k < OVERRIDES; k++) {
        const char *word = cases[i][k];
        overrides[k] = word && !strcmp(word, EVERY_PROBE) ? every_probe(pool) : word;
    }
}

Test(checkpoint, series_banks_weights_and_divergence_go_on_with_the_same_bits) {
    for (int i = 0; i < CASES; i++) {
        struct pool pool = {0};
        const char *overrides[OVERRIDES];
        overrides_of(i, overrides, &pool);
        expect_same_bits(overrides);
        pool_free(&pool);
    }
}

/* ---- what is no checkpoint of this run ---- */

struct bytes {
    char *data;
    size_t size;
};

static struct bytes read_bytes(const char *path) {
    struct stat about;
    FILE *file = fopen(path, "rb");
    cr_assert(file && fstat(fileno(file), &about) == 0, "no %s", path);
    struct bytes bytes = {malloc((size_t)about.st_size + 1), (size_t)about.st_size};
    cr_assert(bytes.data && fread(bytes.data, 1, bytes.size, file) == bytes.size, "not read");
    fclose(file);
    return bytes;
}

static void write_bytes(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(data, 1, size, file) == size && fclose(file) == 0, "not written");
}

/* With the seal that fits. */
static void reseal(struct bytes *bytes) {
    char hash[HASH_TEXT_SIZE];
    size_t size = bytes->size - HASH_TEXT_SIZE;
    static const char mark[] = "\nnormlab-seal ";
    hash_block(bytes->data, size - strlen(mark), hash);
    memcpy(bytes->data + size, hash, HASH_TEXT_SIZE - 1);
}

/* Stops after one step, which leaves a checkpoint; returns its bytes. */
static struct bytes one_step(struct bench *bench) {
    struct record record;
    atomic_store(&bench->heartbeat.stop, true);
    enum status status = run_a_part(bench, 0, &record);
    cr_assert(status == STOPPED_TERM, "status %d: %s", (int)status, status_message());
    cr_assert(!strcmp(status_message(), "after 1 of 12 steps, which a checkpoint keeps"),
              "it says: %s", status_message());
    return read_bytes(bench->path);
}

/* What is there is said, in these words, and the run does not go on from it. */
static void expect_anew(struct bench *bench, const char *words) {
    struct record record;
    bench->n_said = 0;
    atomic_store(&bench->heartbeat.stop, false);
    enum status status = run_a_part(bench, 0, &record);
    cr_assert(!status, "%s: status %d: %s", words, (int)status, status_message());
    cr_expect(resumed(&record) == 0, "%s: it goes on from there", words);
    cr_expect(bench->n_said == 1 && strstr(bench->said, words) && strstr(bench->said, bench->path),
              "it says %d times, not '%s': %s", bench->n_said, words, bench->said);
    record_free(&record);
}

static const char *const full[OVERRIDES] = {"norm.kind=batch", "log.level=full"};

Test(checkpoint, one_that_is_cut_or_changed_is_said_and_the_run_begins_anew) {
    struct bench bench;
    bench_create(&bench, full);
    struct bytes bytes = one_step(&bench);
    for (int i = 0; i < 60; i++) {
        size_t at = (size_t)i * (bytes.size - 1) / 59;
        bytes.data[at] ^= (char)(1 << i % 8);
        write_bytes(bench.path, bytes.data, bytes.size);
        expect_anew(&bench, ": damaged; the run begins anew");
        bytes.data[at] ^= (char)(1 << i % 8);
        write_bytes(bench.path, bytes.data, at);
        expect_anew(&bench, ": damaged; the run begins anew");
    }
    remove(bench.path);
    mkdir(bench.path, 0777);
    expect_anew(&bench, "; the run begins anew");
    rmdir(bench.path);
    mkfifo(bench.path, 0666);
    expect_anew(&bench, "; the run begins anew");
    free(bytes.data);
    bench_free(&bench);
}

/* A line of its beginning with something else behind the word, and a seal that fits. */
static void expect_other(struct bench *bench, const struct bytes *bytes, const char *word,
                         const char *says) {
    struct bytes other = {malloc(bytes->size), bytes->size};
    memcpy(other.data, bytes->data, bytes->size);
    char *line = memmem(other.data, other.size, word, strlen(word));
    cr_assert(line, "no line '%s'", word);
    line[strlen(word)] ^= 1;
    reseal(&other);
    write_bytes(bench->path, other.data, other.size);
    expect_anew(bench, says);
    free(other.data);
}

Test(checkpoint, one_of_another_run_program_or_log_is_said_and_the_run_begins_anew) {
    struct bench bench;
    bench_create(&bench, full);
    struct bytes bytes = one_step(&bench);
    expect_other(&bench, &bytes, "normlab checkpoint ", ": of another version of normlab");
    expect_other(&bench, &bytes, "\nrun ", ": of another run");
    expect_other(&bench, &bytes, "\nprogram ", ": written by another build of normlab");
    expect_other(&bench, &bytes, "\nlog ", ": of a run that logs something else");
    expect_other(&bench, &bytes, "\nbytes ", ": of a run of another shape");
    free(bytes.data);
    bench_free(&bench);
}

/* Who can write into the folder can seal what he writes: no count of his is an index. */
Test(checkpoint, counts_that_cannot_be_are_an_error) {
    struct bench bench;
    struct record record;
    bench_create(&bench, full);
    struct bytes bytes = one_step(&bench);
    char *begin = memmem(bytes.data, bytes.size, "\nbytes ", 7);
    begin = memchr(begin + 1, '\n', 100) + 1;
    for (size_t i = 0; i < 200; i++) { /* the step is the first of them */
        struct bytes other = {malloc(bytes.size), bytes.size};
        memcpy(other.data, bytes.data, bytes.size);
        memset(other.data + (begin - bytes.data) + (i < 8 ? 0 : i), i % 2 ? 0x7f : 0xff, 8);
        reseal(&other);
        write_bytes(bench.path, other.data, other.size);
        atomic_store(&bench.heartbeat.stop, false);
        enum status status = run_a_part(&bench, 0, &record);
        cr_expect(i >= 8 || status == ERROR_RUN, "a step that cannot be: status %d", (int)status);
        if (!status)
            record_free(&record);
        free(other.data);
    }
    free(bytes.data);
    bench_free(&bench);
}

/* ---- what cannot be read or written now ---- */

Test(checkpoint, one_that_cannot_be_read_now_stays) {
    struct bench bench;
    struct record record;
    struct rlimit before, none;
    bench_create(&bench, full);
    struct bytes bytes = one_step(&bench);
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    enum status status = run_a_part(&bench, 0, &record);
    setrlimit(RLIMIT_NOFILE, &before);
    cr_assert(status == ERROR_UNREADABLE, "status %d", (int)status);
    cr_assert(strstr(status_message(), bench.path), "it says: %s", status_message());
    struct bytes after = read_bytes(bench.path);
    cr_assert(after.size == bytes.size && !memcmp(after.data, bytes.data, bytes.size), "changed");
    free(bytes.data);
    free(after.data);
    bench_free(&bench);
}

Test(checkpoint, one_that_cannot_be_written_costs_a_sentence) {
    struct bench bench;
    struct record record;
    bench_create(&bench, full);
    bench.checkpoint.path = "/tmp/normlab-no-such-folder/x.checkpoint";
    bench.checkpoint.every_s = 1e-9;
    enum status status = run_a_part(&bench, 0, &record);
    cr_assert(!status, "status %d: %s", (int)status, status_message());
    cr_assert(bench.n_said == 1 && strstr(bench.said, "no checkpoint: cannot write"),
              "it says %d times: %s", bench.n_said, bench.said);
    record_free(&record);
    atomic_store(&bench.heartbeat.stop, true);
    status = run_a_part(&bench, 0, &record);
    cr_assert(status == STOPPED_TERM, "status %d", (int)status);
    cr_assert(!strcmp(status_message(), "after 1 of 12 steps, which are lost"), "it says: %s",
              status_message());
    bench_free(&bench);
}

/* The last of many, which a killed process leaves. */
Test(checkpoint, a_run_that_is_killed_goes_on_from_the_last_one) {
    struct bench bench;
    struct record quiet, cut;
    bench_create(&bench, full);
    bench.checkpoint.every_s = 1e-9;
    cr_assert(!run_a_part(&bench, 0, &quiet), "%s", status_message());
    cr_assert(access(bench.path, F_OK) == 0, "no checkpoint is left");
    cr_assert(!run_a_part(&bench, 0, &cut), "%s", status_message());
    cr_assert(resumed(&cut) == 1, "resumed %ld times", resumed(&cut));
    expect_same(&bench, &quiet, &cut);
    record_free(&quiet);
    record_free(&cut);
    bench_free(&bench);
}
