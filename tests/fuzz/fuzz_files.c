/* Files beside the results, and data: plan.json, the journal, IDX. */
#include "engine/data/idx.h"
#include "lab/plan/plan_file.h"
#include "lab/runner/journal.h"
#include "tests/fuzz/targets.h"

void fuzz_plan(const char *text, size_t size) {
    struct plan_file plan;
    fuzz_file("plan.json", text, size);
    if (!plan_file_read(fuzz_folder, &plan))
        plan_file_free(&plan);
}

void fuzz_journal(const char *text, size_t size) {
    static const char *const ids[] = {"r000000000000", "r000000000001", "r3b59a0bd6c2e"};
    bool failed[3] = {false};
    struct pool pool = {0};
    fuzz_file("journal.jsonl", text, size);
    journal_failed(fuzz_folder, 3, ids, failed);
    journal_reason(fuzz_folder, ids[2], &pool);
    pool_free(&pool);
}

void fuzz_idx(const char *text, size_t size) {
    struct idx idx;
    const char *path = fuzz_file("data.idx", text, size);
    if (!idx_read_images(path, NULL, &idx))
        idx_free(&idx);
    if (!idx_read_labels(path, &idx))
        idx_free(&idx);
}
