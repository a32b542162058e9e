/* What is inside a results file, as JSON. */
#pragma once

#include "lab/store/record.h"
#include "lab/store/series_list.h"
#include "lab/store/store.h"

/* The file: its names, how its runs ended, what varies, its series. */
void show_json_file(const char *path, const struct store_header *header,
                    const struct table *summary, const struct series_list *series, FILE *out);
/* A run with results: configuration, metrics, provenance, series. */
void show_json_run(const char *path, const struct record *record, const struct series_list *series,
                   FILE *out);
