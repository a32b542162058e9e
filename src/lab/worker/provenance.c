/* Provenance: everything volatile, as attributes of one group. */
#include "lab/worker/provenance.h"

#include <sys/utsname.h>

#include "engine/kernel/gemm.h"
#include "io/hdf5_file.h"
#include "io/machine.h"
#include "io/version_info.h"

static void text(struct record *record, const char *name, const char *value) {
    attributes_add_text(record, &record->provenance, name, value, NULL);
}

/* The shared object that the normalizer came from. */
static void write_object(long kind, struct record *record) {
    struct norm_object object = normalizer_object(kind);
    if (!object.hash)
        return;
    text(record, "plugin", object.file);
    text(record, "plugin_hash", object.hash);
}

static void time_of(struct record *record, const char *name, time_t time) {
    char words[32];
    strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%SZ", gmtime(&time));
    text(record, name, words);
}

void provenance_write(const struct observer *observer, struct record *record) {
    const struct trainer *trainer = observer->trainer;
    struct utsname machine;
    uname(&machine);
    time_of(record, "started", observer->started);
    time_of(record, "finished", time(NULL));
    if (observer->resumed > 0)
        attributes_add_int(record, &record->provenance, "resumed", observer->resumed, NULL, NULL);
    text(record, "version", build_version);
    text(record, "git_commit", build_commit);
    attributes_add_bool(record, &record->provenance, "git_dirty", build_dirty, NULL);
    text(record, "compiler", build_compiler);
    text(record, "flags", build_flags);
    text(record, "products", gemm_kind());
    text(record, "hdf5", hdf5_version());
    text(record, "system",
         pool_format(&record->pool, "%s %s %s", machine.sysname, machine.release, machine.machine));
    text(record, "processor", machine_processor(&record->pool));
    attributes_add_int(record, &record->provenance, "threads", trainer->team_size, NULL, NULL);
    write_object(trainer->config.norm.kind, record);
}
