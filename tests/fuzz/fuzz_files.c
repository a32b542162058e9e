/* Files beside the results, and data: plan.json, the journal, IDX. */
#include "engine/data/idx.h"
#include "lab/journal/journals.h"
#include "lab/plan/plan_file.h"
#include "tests/fuzz/targets.h"

void fuzz_plan(const char *text, size_t size) {
    struct plan_file plan;
    fuzz_file("plan.json", text, size);
    if (!plan_file_read(fuzz_folder, &plan))
        plan_file_free(&plan);
}

void fuzz_journal(const char *text, size_t size) {
    struct journals journals;
    fuzz_file("journal.host.1.0123456789abcdef.jsonl", text, size);
    if (journals_read(1, (const char *const[]){fuzz_folder}, NULL, &journals))
        return;
    journal_run_failed(journals_find(&journals, "r3b59a0bd6c2e"));
    journals_free(&journals);
}

void fuzz_idx(const char *text, size_t size) {
    struct idx idx;
    const char *path = fuzz_file("data.idx", text, size);
    if (!idx_read_images(path, NULL, &idx))
        idx_free(&idx);
    if (!idx_read_labels(path, &idx))
        idx_free(&idx);
}
