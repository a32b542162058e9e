/* A file in the making: beside its path under a name of its own, published whole or not at all.
 *
 * "<path>.tmp.<16 random digits>", made by nobody else, found through no link, and locked (flock)
 * as long as its maker lives. So whoever finds one can tell, in another container or on another
 * machine, whether it is abandoned: process numbers mean nothing there. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

struct draft {
    struct pool pool;
    const char *path, *temporary;
    int descriptor; /* for reading and writing */
    bool is_staged; /* it is made in another folder than it belongs to */
};

/* ERROR_RUN: the message says which path, and why. */
MUST_CHECK enum status draft_open(const char *path, struct draft *draft);
/* The same, made in the folder `stage`, on a disk of this machine. draft_publish copies it in one
 * go to a draft beside `path`, compares, and gives that its name. NULL: beside `path`. */
MUST_CHECK enum status draft_open_staged(const char *path, const char *stage, struct draft *draft);
/* All of it. ERROR_RUN. */
MUST_CHECK enum status draft_write(struct draft *draft, const void *bytes, size_t size);
/* Makes it durable and gives it its name: fsync, rename, fsync of the folder, close. Whoever writes
 * by way of another descriptor has closed that before. ERROR_RUN: draft_discard is still due. */
MUST_CHECK enum status draft_publish(struct draft *draft);
/* Removes what was not published; harmless after draft_publish and for {0}. */
void draft_discard(struct draft *draft);

/* Removes the drafts in a folder that nobody holds; returns their number. Where the file system has
 * no locks, or none that other machines see: those that were not written to for an hour, by the
 * file system's own clock. */
int drafts_sweep(const char *dir);
/* The time by the clock of the folder's file system, which may be another machine's, in the seconds
 * of st_mtim; -1: unknown, where nothing can be written. */
double draft_clock(const char *dir);
/* Hears of a draft that nobody holds, in the open folder `folder`, and keeps or removes it: no
 * other process has it meanwhile. Returns true where it removed it. */
typedef bool visit_draft(int folder, const char *name, void *context);
/* The same with `visit` for each; returns the number of those that it removed. */
int drafts_each(const char *dir, visit_draft *visit, void *context);
/* Only those of one path, in a folder that is not ours alone. */
int drafts_sweep_of(const char *path);

/* What stands behind a path's last slash: "c.yaml" of "a/b/c.yaml". */
const char *path_name(const char *path);
/* The folder that a path names a file in: "a/b", "/", ".". */
const char *path_folder(const char *path, struct pool *pool);
/* The folder in which a folder stands, whatever slashes are behind it: "a" of "a/b/", "." of "a",
 * ".." of ".". */
const char *path_above(const char *folder, struct pool *pool);
