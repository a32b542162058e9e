/* The format of experiment files, told from the tables that read them: for people and as a JSON
 * Schema. */
#pragma once

#include <stdio.h>

#include "lab/config/fields.h"

/* The whole reference, in Markdown: docs/experiment-file.md is what it prints. */
void file_format_print(FILE *out, int width);
/* A field of the file ("zip"), a section ("over") or a sequence ("range"); false: there is no such
 * thing. */
bool file_format_print_part(FILE *out, const char *name, int width);
/* The i-th name that it knows; NULL behind the last. */
const char *file_format_part(int index);

/* What stands in a field; fields of the file may be read by a higher layer than the file. NULL: no
 * section. */
const struct section *field_section(const struct field *field);

/* The i-th section, the file itself first; NULL behind the last. */
const struct section *file_format_section(int index);

/* JSON Schema, draft 7, for editors: all that can be wrong with one key or field. */
void file_schema_print(FILE *out);
