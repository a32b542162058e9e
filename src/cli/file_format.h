/* The reference of the file format, in Markdown: docs/file_format.md is what it prints. */
#pragma once

#include <stdio.h>

void file_format_print(FILE *out);
