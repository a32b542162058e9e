/* Small text files: whole in, whole or not at all out. */
#pragma once

#include "base/pool.h"
#include "base/status.h"

/* The file's text; ERROR_RESULTS: it cannot be read (the message begins with the path). */
enum status file_read(const char *path, struct pool *pool, char **text);
/* Replaces the file by way of a temporary one beside it: written, synced, renamed. ERROR_RUN. */
enum status file_publish(const char *path, const char *text);
/* A folder and those above it. ERROR_RUN. */
enum status folder_create(const char *path);
