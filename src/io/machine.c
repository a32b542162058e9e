/* Names the processor, and says how many cores and how much memory this process may use. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "io/machine.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *machine_processor(struct pool *pool) {
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    const char *name = "unknown";
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon)
            continue;
        line[strcspn(line, "\n")] = 0;
        name = pool_text(pool, colon + 2);
        break;
    }
    if (file)
        fclose(file); /* only read from */
    return name;
}

/* ---- control groups ---- */

enum { TEXT = 1024 }; /* of a path or a line's word */

/* The numbers at the beginning of a file, two at most; returns how many. */
static int read_numbers(const char *folder, const char *name, double numbers[2]) {
    char path[TEXT + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    int n = file ? fscanf(file, "%lf %lf", &numbers[0], &numbers[1]) : 0;
    if (file)
        fclose(file); /* only read from */
    return n;
}

/* "max 100000" or "150000 100000": so much time of each so long period */
static double quota_of_version_2(const char *folder) {
    double numbers[2];
    return read_numbers(folder, "cpu.max", numbers) == 2 ? numbers[0] / numbers[1] : INFINITY;
}

static double quota_of_version_1(const char *folder) {
    double quota[2], period[2];
    bool is_limit = read_numbers(folder, "cpu.cfs_quota_us", quota) >= 1 && quota[0] > 0 &&
                    read_numbers(folder, "cpu.cfs_period_us", period) >= 1 && period[0] > 0;
    return is_limit ? quota[0] / period[0] : INFINITY;
}

/* "max", or bytes. */
static double memory_of_version_2(const char *folder) {
    double numbers[2];
    return read_numbers(folder, "memory.max", numbers) >= 1 ? numbers[0] : INFINITY;
}

static double memory_of_version_1(const char *folder) {
    double numbers[2];
    return read_numbers(folder, "memory.limit_in_bytes", numbers) >= 1 ? numbers[0] : INFINITY;
}

struct hierarchy {
    const char *type;       /* of the file system */
    const char *controller; /* as /proc/self/cgroup names it */
    double (*limit)(const char *folder);
};

enum { VERSIONS = 2 };
static const struct hierarchy time_limits[VERSIONS] = {{"cgroup2", "", quota_of_version_2},
                                                       {"cgroup", "cpu", quota_of_version_1}};
static const struct hierarchy memory_limits[VERSIONS] = {{"cgroup2", "", memory_of_version_2},
                                                         {"cgroup", "memory", memory_of_version_1}};

/* Is it a word of "a,b,c"? The empty word is in the empty list alone. */
static bool has_word(char *list, const char *word) {
    char *rest = NULL;
    bool has = !*list && !*word;
    for (char *item = strtok_r(list, ",", &rest); item; item = strtok_r(NULL, ",", &rest))
        has |= strcmp(item, word) == 0;
    return has;
}

/* The line "4:cpu,cpuacct:/a/b" of a /proc/self/cgroup: this process's path in the hierarchy. */
static bool path_in_line(const struct hierarchy *hierarchy, char *line, char path[TEXT]) {
    char *list = strchr(line, ':'), *end = list ? strchr(list + 1, ':') : NULL;
    if (!end)
        return false;
    *end = '\0';
    snprintf(path, TEXT, "%s", end + 1);
    return has_word(list + 1, hierarchy->controller);
}

/* The line "31 23 0:28 /a /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu" of a /proc/self/mountinfo:
 * which part of the hierarchy stands where. */
static bool mount_in_line(const struct hierarchy *hierarchy, const char *line, char top[TEXT],
                          char point[TEXT]) {
    char type[64], options[TEXT];
    const char *dash = strstr(line, " - ");
    return dash && sscanf(line, "%*d %*d %*s %1023s %1023s", top, point) == 2 &&
           sscanf(dash, " - %63s %*s %1023s", type, options) == 2 &&
           strcmp(type, hierarchy->type) == 0 &&
           (!*hierarchy->controller || has_word(options, hierarchy->controller));
}

static bool find_path(const struct hierarchy *hierarchy, const char *root, char path[TEXT]) {
    char name[TEXT + 32], line[TEXT];
    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    FILE *file = fopen(name, "r");
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        found = path_in_line(hierarchy, line, path);
    }
    if (file)
        fclose(file); /* only read from */
    return found;
}

static bool find_mount(const struct hierarchy *hierarchy, const char *root, char top[TEXT],
                       char point[TEXT]) {
    char name[TEXT + 32], line[4 * TEXT];
    snprintf(name, sizeof name, "%s/proc/self/mountinfo", root);
    FILE *file = fopen(name, "r");
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file))
        found = mount_in_line(hierarchy, line, top, point);
    if (file)
        fclose(file); /* only read from */
    return found;
}

/* From this process's own group up to the one that is mounted: the least counts. */
static double limit_of(const struct hierarchy *hierarchy, const char *root) {
    char path[TEXT], top[TEXT], point[TEXT], folder[3 * TEXT];
    if (!find_path(hierarchy, root, path) || !find_mount(hierarchy, root, top, point))
        return INFINITY;
    size_t above = strcmp(top, "/") && !strncmp(path, top, strlen(top)) ? strlen(top) : 0;
    double least = INFINITY;
    for (char *below = path + above, *end = below + strlen(below); end; end = strrchr(below, '/')) {
        *end = '\0';
        snprintf(folder, sizeof folder, "%s%s%s", root, point, below);
        least = fmin(least, hierarchy->limit(folder));
    }
    return least;
}

static double least_limit(const struct hierarchy hierarchies[VERSIONS], const char *root) {
    return fmin(limit_of(&hierarchies[0], root), limit_of(&hierarchies[1], root));
}

double machine_quota(const char *root) {
    return least_limit(time_limits, root);
}

double machine_memory_limit(const char *root) {
    return least_limit(memory_limits, root);
}

/* ---- what this process may use ---- */

uint64_t machine_memory(void) {
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    double limit = machine_memory_limit("");
    return limit < (double)all ? (uint64_t)limit : all;
}

int machine_cores(void) {
    static double quota; /* does not change under a process that is at work */
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                            : (int)sysconf(_SC_NPROCESSORS_ONLN);
    const char *slurm = getenv("SLURM_CPUS_PER_TASK");
    int allotted = slurm ? atoi(slurm) : 0;
    if (quota == 0)
        quota = machine_quota("");
    if (allotted > 0 && allotted < cores)
        cores = allotted;
    if (quota < cores)
        cores = (int)lround(quota);
    return cores > 1 ? cores : 1;
}
