# shellcheck shell=bash
# Runs that last as long as a check's accidents need, on any machine: for scripts that are sourced with it.

# lengthen FILE EPOCHS SHARDS SECONDS: writes into FILE, in place of its EPOCHS, as many as make a run last so long; one run
# is tried, shard 0 of SHARDS. Sets `epochs`. Wants the program's path in `program`.
lengthen() {
    local file=$1 before=$2 shards=$3 seconds=$4 begin tried
    tried=$(mktemp -d)
    begin=${EPOCHREALTIME/./}
    # shellcheck disable=SC2154 # the script that sources this sets it
    "$program" run "$file" --out "$tried" --shard "0/$shards" >/dev/null 2>&1
    epochs=$((before * seconds * 1000000 / (${EPOCHREALTIME/./} - begin)))
    rm -rf "$tried"
    sed -i "s/epochs: $before/epochs: $epochs/" "$file"
}
