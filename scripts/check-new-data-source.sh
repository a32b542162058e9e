#!/usr/bin/env bash
# Proves CONTRIBUTING.md's recipe for a data source: one file and one line. Adds one (half moons) in a copy of the
# tree, looks for it in describe, trains on it and runs the tests that are made from the table; then makes its row
# keep silent about a key that it reads, which the tests must find, and removes it.
. "$(dirname "$0")/check-new.sh"
copy_tree

# The one file.
cat >src/engine/data/moons.c <<'C'
/* Half moons in the plane, one a class, each turned against the last. */
#include <math.h>
#include <stddef.h>

#include "engine/data/generated_rows.h"

/* Moon k: angle a uniform in 0..pi, (cos a, sin a), turned by pi k, one unit further right; and noise. */
static void fill_moons(const struct data_config *config, const void *context,
                       struct random_key key, long n, const uint8_t *labels, float *values) {
    (void)context;
    for (long i = 0; i < n; i++) {
        uint64_t index = 3 * (uint64_t)i;
        double a = 3.141592653589793 * random_uniform(key, index), turned = labels[i] % 2 ? -1 : 1;
        double x = turned * cos(a) + labels[i] + config->spread * random_normal(key, index + 1);
        double y = turned * sin(a) + config->spread * random_normal(key, index + 2);
        values[2 * i] = (float)x;
        values[2 * i + 1] = (float)y;
    }
}

static enum status open_moons(const struct source_kind *kind, const struct data_config *config,
                              struct data_source *source) {
    (void)kind;
    return generated_fill(config, 2, fill_moons, NULL, source);
}

const struct source_kind source_moons = {
    .name = "moons",
    .title = "half moons",
    .reads = READS_SIZES | READS_SPREAD,
    .open = open_moons,
};
C
# The one line.
sed -i 's/row(LINEAR, linear)/& row(MOONS, moons)/' src/engine/data/source.h
grep -q 'row(MOONS, moons)' src/engine/data/source.h || fail "no 'row(LINEAR, linear)' in DATA_SOURCES in src/engine/data/source.h"
sed -i 's/`linear`: the generated/`linear`, `moons`: the generated/' src/engine/data/README.md
build src/engine/data/moons.c

shows 'half moons' $normlab describe data.name
shows moons $normlab describe data.spread
! $normlab describe data.condition | grep -q moons || fail "'describe data.condition' says that it applies"

cat >scratch/moons.yaml <<'YAML'
schema: 1
name: moons
title: A new data source
base:
  data: {name: moons, classes: 2, spread: 0.1, rows: 700, test_rows: 200, validation: 100}
  model: {hidden: [16]}
  train: {batch_size: 16, epochs: 3}
sweep:
  norm.kind: [none, batch]
YAML
shows moons.h5 $normlab run scratch/moons.yaml --out scratch/out
$normlab table scratch/out/moons.h5 --columns data.name,test_error >scratch/table.tsv
awk -F'\t' 'NR > 1 { if ($1 != "moons" || !($2 < 0.3)) exit 1; n++ } END { exit n != 2 }' scratch/table.tsv || {
    cat scratch/table.tsv
    fail "the table is not two runs that have learned moons"
}
refuses data.spread $normlab run scratch/moons.yaml data.spread=-1 --out scratch/refused

passes '@(generated|source|dataset|keys|plan|experiment)/*'
sed -i 's/READS_SIZES | READS_SPREAD/READS_SIZES/' src/engine/data/moons.c
build
finds 'generated/*' moons
restore
echo "new data source: one file, one line; seen by describe, a sweep, and the tests, which find its mistake"
