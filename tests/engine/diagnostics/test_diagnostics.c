/* The table of diagnostics: its order, its sets, what a set takes of memory; and that no number
 * depends on threads. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/diagnostics/snapshot.h"
#include "engine/probe/probe.h"
#include "tests/engine/probe/probed_run.h"

Test(diagnostics, every_row_stands_after_what_it_reads_and_has_a_name_of_its_own) {
    for (int i = 0; i < diagnostic_count(); i++) {
        const struct diagnostic *row = diagnostic_get(i);
        unsigned before = (1u << i) - 1, own = 1u << i;
        cr_expect(row->name && *row->name, "row %d has no name", i);
        cr_expect(diagnostic_set(row) & own && !(diagnostic_set(row) & ~(before | own)),
                  "%s reads a row that stands after it", row->name);
        for (int k = 0; k < i; k++)
            cr_expect(strcmp(row->name, diagnostic_get(k)->name) != 0, "%s twice", row->name);
    }
}

Test(diagnostics, a_probe_reads_every_row) {
    unsigned read = 0;
    for (int i = 0; i < probe_count(); i++)
        read |= diagnostic_set(probe_get(i)->reads);
    for (int i = 0; i < diagnostic_count(); i++)
        cr_expect(read >> i & 1, "nobody reads %s", diagnostic_get(i)->name);
    cr_expect(read == diagnostic_set_of_all(), "%x, not %x", read, diagnostic_set_of_all());
}

Test(diagnostics, a_set_brings_what_its_rows_read) {
    unsigned set = diagnostic_set(&diagnostic_unit_inputs);
    cr_expect(set == (set | diagnostic_set(&diagnostic_sample)), "the sample is missing");
    cr_expect(diagnostic_set(NULL) == 0, "nothing reads something");
    cr_expect(!diagnostic_set_of_last_step(set), "a pass over the sample sees no step");
    cr_expect(diagnostic_set_of_last_step(set | diagnostic_set(&diagnostic_gradient)),
              "a gradient is that of a step");
}

Test(diagnostics, only_what_is_in_the_set_takes_memory) {
    struct run_config config = test_config();
    struct test_data *data = test_data_create(5, 6, 3, 40, 20, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    size_t sum = 0;
    cr_expect(diagnostics_memory(trainer, 0) == 0, "memory for nothing");
    for (int i = 0; i < diagnostic_count(); i++)
        sum += diagnostics_memory(trainer, 1u << i);
    cr_expect(sum == diagnostics_memory(trainer, diagnostic_set_of_all()), "%zu bytes", sum);
    struct diagnostics all;
    unsigned set = diagnostic_set(&diagnostic_sample);
    cr_assert(!diagnostics_create(&all, trainer, set), "%s", status_message());
    cr_expect(all.arena.size == diagnostics_memory(trainer, set), "%zu bytes", all.arena.size);
    cr_expect(diagnostics_state(&all, &diagnostic_sample) != NULL, "no sample");
    cr_expect(diagnostics_state(&all, &diagnostic_update) == NULL, "an update nobody wants");
    diagnostics_free(&all);
    trainer_free(trainer);
    test_data_free(data);
}

/* ---- their numbers ---- */

/* Every number of every row that applies and reads one of the set, into one hash. */
static uint64_t hash_of_numbers(const struct run_config *config, unsigned set, int n_threads) {
    struct probed *run = probed_create(config, set, n_threads);
    uint64_t hash = TEST_HASH_START;
    probed_measure(run, set);
    trainer_advance(run->trainer, 3, NULL);
    probed_measure(run, set);
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        bool mine = probe->observe && !(diagnostic_set(probe->reads) & ~set);
        for (int k = 0; mine && k < run->trainer->mlp.n_layers; k++)
            if (probe_applies(probe, run->trainer, k)) {
                double out[7] = {0};
                probe_observe(probe, &run->diagnostics, k, out);
                hash = test_hash(hash, out, sizeof out);
            }
    }
    probed_free(run);
    return hash;
}

static void expect_same(const struct run_config *config, unsigned set) {
    uint64_t alone = hash_of_numbers(config, set, 1), together = hash_of_numbers(config, set, 3);
    cr_assert(alone == together, "%s, placement %ld: probes differ by threads",
              normalizer_get(config->norm.kind)->name, config->norm.placement);
}

Test(diagnostics, no_bit_depends_on_threads) {
    for (int kind = 0; kind < normalizer_count(); kind++)
        for (long placement = NORM_BEFORE; placement <= NORM_AFTER; placement++) {
            struct run_config config = probed_config(normalizer_get(kind)->name, placement);
            config.norm.on_input = true;
            expect_same(&config, probed_quick_set());
        }
    struct run_config config = probed_config("batch", NORM_BEFORE);
    expect_same(&config, diagnostic_set_of_all());
}
