/* Asks Slurm what it allows, and sends it scripts. */
#include "lab/cluster/slurm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "io/sandbox.h"

/* Slurm's own where nobody has set another. */
enum { DEFAULT_ARRAY_SIZE = 1001 };

/* ---- its words ---- */

const char *slurm_field(const char *text, const char *name, struct pool *pool) {
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += length) {
        bool begins = at == text || strchr(" \n", at[-1]);
        const char *value = at + length + strspn(at + length, " ");
        if (!begins || *value != '=')
            continue;
        value++;
        value += strspn(value, " ");
        return pool_format(pool, "%.*s", (int)strcspn(value, " \n"), value);
    }
    return NULL;
}

double slurm_seconds(const char *text) {
    long days = 0, parts[3] = {0};
    int n = 0;
    char *end;
    if (strcmp(text, "UNLIMITED") == 0 || strcmp(text, "INFINITE") == 0)
        return INFINITY;
    if (strchr(text, '-')) {
        days = strtol(text, &end, 10);
        text = *end == '-' ? end + 1 : "";
    }
    for (; n < 3 && *text >= '0' && *text <= '9'; n++) {
        parts[n] = strtol(text, &end, 10);
        text = end + (*end == ':');
    }
    return n == 3 && !*text ? 86400. * (double)days + 3600. * (double)parts[0] +
                                  60. * (double)parts[1] + (double)parts[2]
                            : NAN;
}

const char *slurm_duration(double seconds, struct pool *pool) {
    long minutes = (long)ceil(fmin(seconds, 1e9) / 60);
    return pool_format(pool, "%ld:%02ld:00", minutes / 60, minutes % 60);
}

/* ---- its programs ---- */

/* What it said, on one line. */
static const char *last_words(const struct program_output *output, struct pool *pool) {
    char *said = pool_text(pool, output->said);
    size_t length = strlen(said);
    while (length > 0 && strchr(" \n", said[length - 1]))
        said[--length] = '\0';
    for (char *feed = said; (feed = strchr(feed, '\n'));)
        *feed = ' ';
    return text_visible(said, pool);
}

static enum status call(const char *const *arguments, struct pool *pool,
                        struct program_output *output) {
    enum status status = program_run(arguments, pool, output);
    const char *said = last_words(output, pool);
    return status && *said ? fail(status, "%s: %s", pool_text(pool, status_message()), said)
                           : status;
}

static enum status read_partition(const char *name, struct pool *pool,
                                  struct slurm_limits *limits) {
    const char *const arguments[] = {"scontrol", "--oneliner", "show", "partition", name, NULL};
    struct program_output output;
    enum status status = call(arguments, pool, &output);
    if (status)
        return status;
    char *rest = NULL, *all = pool_text(pool, output.bytes);
    for (char *line = strtok_r(all, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        const char *is_default = slurm_field(line, "Default", pool);
        if (!name && (!is_default || strcmp(is_default, "YES") != 0))
            continue;
        const char *seconds = slurm_field(line, "MaxTime", pool);
        const char *megabytes = slurm_field(line, "MaxMemPerNode", pool);
        const char *its_name = slurm_field(line, "PartitionName", pool);
        double most = megabytes ? strtod(megabytes, NULL) : 0; /* UNLIMITED: 0 */
        limits->seconds = seconds && slurm_seconds(seconds) > 0 ? slurm_seconds(seconds) : INFINITY;
        limits->bytes = most > 0 ? most * 1048576 : INFINITY;
        limits->partition = its_name ? its_name : "";
        break;
    }
    return OK;
}

static int least_number(const char *text, const char *name, int least, struct pool *pool) {
    const char *field = slurm_field(text, name, pool);
    int number = field ? atoi(field) : 0;
    return number > 0 && number < least ? number : least;
}

/* An index is less than MaxArraySize, and the dependent job is one more. */
void slurm_limits_read(const char *partition, struct pool *pool, struct slurm_limits *limits) {
    static const char *const arguments[] = {"scontrol", "show", "config", NULL};
    struct program_output output;
    *limits = (struct slurm_limits){
        .array_size = DEFAULT_ARRAY_SIZE, .seconds = INFINITY, .bytes = INFINITY, .partition = ""};
    enum status status = call(arguments, pool, &output);
    if (!status) {
        int size = least_number(output.bytes, "MaxArraySize", 1 << 24, pool);
        int jobs = least_number(output.bytes, "MaxJobCount", 1 << 24, pool);
        limits->array_size = size < jobs ? size : jobs > 1 ? jobs - 1 : 1;
        bool several = partition && strchr(partition, ','); /* Slurm chooses: no limit is known */
        status = several ? OK : read_partition(partition, pool, limits);
    }
    if (status)
        limits->unknown = pool_text(pool, status_message());
}

enum status slurm_submit(const char *script, const char *after, struct pool *pool,
                         const char **job) {
    const char *arguments[] = {"sbatch", "--parsable", script, NULL, NULL};
    if (after) {
        arguments[2] = pool_format(pool, "--dependency=afterany:%s", after);
        arguments[3] = script;
    }
    struct program_output output;
    enum status status = call(arguments, pool, &output);
    if (status)
        return status;
    size_t digits = strspn(output.bytes, "0123456789"); /* "12" or "12;cluster" */
    if (digits == 0)
        return fail(ERROR_RUN, "sbatch printed no job's number, but '%s'",
                    text_visible(output.bytes, pool));
    *job = pool_format(pool, "%.*s", (int)digits, output.bytes);
    return OK;
}
