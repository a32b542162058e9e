/* Sweeps away what killed processes left in a folder of run files. */
#include "lab/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"

/* Is there no such process, or only what is left of one that its parent has not asked for? */
static bool is_dead(pid_t pid) {
    char path[32], text[512] = "";
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return true;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *name_end =
        strrchr(text, ')'); /* "pid (name) state ...": a name may hold anything */
    return name_end && strncmp(name_end, ") Z", 3) == 0;
}

/* What stands after ".tmp." in the name of a temporary file of ours; NULL: it is none. */
static const char *temporary_owner(const char *name) {
    static const char *const marks[] = {".h5.tmp.", ".json.tmp."};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *mark = strstr(name, marks[i]);
        if (mark)
            return mark + strlen(marks[i]);
    }
    return NULL;
}

/* Is `name` a temporary file of a process of this host that is no more? */
static bool is_abandoned(const char *name, const char *host) {
    const char *rest = temporary_owner(name);
    size_t length = strlen(host);
    if (!rest)
        return false;
    if (strncmp(rest, host, length) != 0 || rest[length] != '.')
        return false;
    char *end;
    errno = 0;
    long pid = strtol(rest + length + 1, &end, 10);
    if (errno || pid <= 0 || pid > INT32_MAX || *end || end == rest + length + 1)
        return false;
    return is_dead((pid_t)pid);
}

int store_sweep(const char *dir) {
    char host[HOST_SIZE];
    file_host(host);
    DIR *folder = opendir(dir);
    if (!folder)
        return 0;
    int n_swept = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)))
        if (is_abandoned(entry->d_name, host) && unlinkat(dirfd(folder), entry->d_name, 0) == 0)
            n_swept++;
    closedir(folder);
    return n_swept;
}
