/* Small text files: whole in, whole or not at all out. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/pool.h"
#include "base/status.h"

/* What a failed call says of a file: that there is none, or nothing that a file can be
 * (ERROR_RESULTS), or that it cannot be read now (ERROR_UNREADABLE). */
enum status file_error(int error);
/* Opens a regular file to read it; never waits, whatever stands there (a FIFO, a device). Statuses
 * as of file_error; the message does not name the path. */
enum status file_open(const char *path, int *descriptor);
/* The same of a file that a listing of its folder has just named: that there is none is tried again
 * a few times, briefly, since a file system of several machines may list a name before it finds it.
 */
enum status file_open_listed(const char *path, int *descriptor);
/* The bytes of an open file, and a 0 behind them. ERROR_RESULTS: more than a text can have;
 * ERROR_UNREADABLE. The message does not name the path. */
enum status file_read_open(int descriptor, struct pool *pool, char **bytes, size_t *size);
/* All `size` bytes from a place on; false with errno, ESTALE where the file is shorter. */
bool file_read_at(int descriptor, off_t at, void *bytes, size_t size);
/* The file's text; statuses as of file_error (the message begins with the path). */
enum status file_read(const char *path, struct pool *pool, char **text);
/* Replaces the file by way of a draft, whole or not at all. ERROR_RUN. */
MUST_CHECK enum status file_publish(const char *path, const char *text);
MUST_CHECK enum status file_publish_bytes(const char *path, const char *bytes, size_t size);
/* A new folder for temporary files, "$TMPDIR/normlab-<purpose>-XXXXXX". ERROR_RUN. */
enum status folder_temporary(const char *purpose, struct pool *pool, const char **path);
/* The names in a folder, sorted, without those that begin with a dot. ERROR_RESULTS: there is no
 * such folder; ERROR_UNREADABLE: it is not known which they all are. */
enum status folder_names(const char *dir, struct pool *pool, const char ***names, int *n);
/* A folder and those above it. ERROR_RUN. */
MUST_CHECK enum status folder_create(const char *path);
/* The folder in which this file is to stand. ERROR_RUN. */
MUST_CHECK enum status folder_create_for(const char *file);
