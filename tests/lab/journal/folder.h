/* A folder with journals, for tests. */
#pragma once

#include "lab/journal/journals.h"

/* What fstatfs says of the folder, whatever /tmp is: locks are seen by all. */
extern const unsigned folder_is_local;
extern char folder[64];

void folder_begin(void);
/* Removes it with what is in it. */
void folder_end(void);
void folder_open(const struct journal_begin *begin, struct journal *journal);
/* A file of the folder with this text. */
void folder_write(const char *name, const char *text);
/* Reads all; the caller frees. */
void folder_read(const struct journals *before, struct journals *journals);
