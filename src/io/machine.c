/* Names the processor, for provenance. */
#include "io/machine.h"

#include <stdio.h>
#include <string.h>

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
        fclose(file);
    return name;
}
