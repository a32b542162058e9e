#!/usr/bin/env bash
# `normlab submit` on a real Slurm: two nodes on this machine (scripts/slurm-nodes.sh), tasks that are killed, queued again,
# preempted and drained. In the end the merged file must equal that of an uninterrupted run.
#
#   scripts/check-slurm.sh [NORMLAB]      default: build/normlab
#
# Needs slurm-wlm, munge and shellcheck; where one is missing it fails. Leaves nothing behind, nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-build/normlab}")
# shellcheck source=scripts/slurm-nodes.sh disable=SC1091
source scripts/slurm-nodes.sh
# shellcheck source=scripts/run-length.sh disable=SC1091
source scripts/run-length.sh
root=$PWD
same=$root/scripts/same-results.py

for name in $(compgen -v SLURM_) $(compgen -v SBATCH_); do unset "$name"; done # where this is a job itself
work=$(mktemp -d "${TMPDIR:-/tmp}/normlab-slurm-XXXXXX")
# A folder whose name every script must quote.
place="$work/of a \"person's\" 100% #own"

finish() {
    local status=$?
    set +e
    slurm_down
    if [ "$status" -ne 0 ]; then
        echo "check-slurm.sh: failed" >&2
        tail -n 20 "$place"/results/*/slurm/*/*.log 2>/dev/null >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
wrong() {
    echo "check-slurm.sh: $*" >&2
    exit 1
}

# until SECONDS WHAT COMMAND...: until it succeeds.
until_() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || wrong "waited in vain: $what"
        sleep 0.1
    done
}

field() { scontrol --oneliner show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }
state() { field "$1" JobState; }
has_state() { [[ " $2 " == *" $(state "$1") "* ]]; }
# The processes of normlab that train a shard: parent and workers.
pids_of() { pgrep -f -- "--shard $1/$2 --out $place" || true; }
log_says() { grep -qs -- "$2" "$folder"/*_"$1".log; }
# A run of that task is on its way.
is_training() { [ "$(pids_of "$1" "$2" | wc -l)" -gt 1 ] && log_says "$1" 'to do'; }

mkdir "$place"
cd "$place"
say 'start Slurm'
slurm_up "$work"
[ "$(sinfo --noheader --Node --partition=all --format=%N | sort | tr '\n' ' ')" = 'n1 n2 ' ] || wrong 'not two nodes'

cat >cluster.yaml <<'YAML'
schema: 1
name: cluster
title: Runs of seconds, for tasks that are killed
base:
  data:      {name: clusters, classes: 4, features: 20, spread: 2, rows: 2400, validation: 400, test_rows: 400}
  model:     {hidden: [16, 16]}
  optimizer: {lr: 0.05, schedule: cosine}
  train:     {epochs: 1500, batch_size: 8}
  log:       {weights: final}
sweep:
  norm.kind: [none, batch]
  seed: range(6)
figures:
  - {script: learning_curves}
YAML
# Three seconds a run: each accident below must find its task at work.
lengthen cluster.yaml 1500 12 3
say "$epochs epochs a run"

# ---- what would be sent ----

"$program" submit cluster.yaml --tasks 6 --dry-run >scripts.txt 2>said.txt || wrong "$(cat said.txt)"
[ ! -e results ] || wrong 'a dry run has written something'
! grep -q 'defaults are assumed' said.txt || wrong 'Slurm was not asked'
if "$program" submit cluster.yaml --tasks 2000 --dry-run >/dev/null 2>said.txt || ! grep -q '1001 at most' said.txt; then
    wrong "2000 tasks are more than an array has, and: $(cat said.txt)"
fi
if "$program" submit cluster.yaml --dry-run --jobs 30 -- -p urgent >/dev/null 2>said.txt || ! grep -q 'at most 100 MiB' said.txt; then
    wrong "30 runs at a time need more memory than the partition gives: $(cat said.txt)"
fi
"$program" submit cluster.yaml --dry-run --minutes 600 train.epochs=90000 -- --partition=urgent >scripts.txt 2>said.txt
grep -qx '#SBATCH --time=0:01:00' scripts.txt || wrong 'more time than the partition allows'
grep -q 'queued again, three times at most' said.txt || wrong "nothing is said of the time: $(cat said.txt)"

# ---- an array that meets every accident ----

say 'submit'
"$program" submit cluster.yaml --tasks 6 --checkpoint 1 -- --comment='a "b" #c' >jobs.txt
read -r train _ <jobs.txt
read -r merge _ < <(tail -n 1 jobs.txt)
folder=$place/results/cluster/slurm/1
[ "$(cat "$folder/train.job")" = "$train" ] || wrong 'the job is not kept'
if "$program" submit cluster.yaml 2>said.txt || ! grep -q "job $train still has" said.txt; then
    wrong "what is in the queue was sent again: $(cat said.txt)"
fi
sed -i "s/epochs: $epochs/epochs: $((epochs + 1))/" cluster.yaml # tasks that wait train what was submitted
bash -n "$folder/train.sh"
bash -n "$folder/finish.sh"
shellcheck "$folder/train.sh" "$folder/finish.sh"
[ "$(field "$merge" Comment)" = 'a' ] || wrong 'options for sbatch are lost'

say 'kill a task with -9'
until_ 30 'task 0 trains' is_training 0 6
pids_of 0 6 | xargs kill -9
until_ 30 'task 0 fails' has_state "${train}_0" FAILED
log_says 0 'exit status 137' || wrong 'a task that was killed hides it'

say 'see how far it is'
until_ 30 'task 1 trains' is_training 1 6
"$program" status cluster.yaml >said.txt 2>&1 && wrong 'status says that all is done' || [ $? = 75 ] || wrong "status: $(cat said.txt)"
grep -q "slurm ${train}_5 PENDING" said.txt || wrong "status does not say what is queued: $(cat said.txt)"
grep -q "slurm ${train}_1" said.txt || wrong "status does not say which task trains: $(cat said.txt)"
grep -q 'its process died' said.txt || wrong "status does not say what was killed: $(cat said.txt)"

say 'queue a running task again'
until_ 30 'task 1 trains' is_training 1 6
sleep 0.3
scontrol requeue "${train}_1"

say 'tell a task that its time is nearly over'
until_ 60 'task 2 trains' is_training 2 6
sleep 0.3
# As Slurm does it. 22.05 takes the task's other name, 1_2, signals, and says "try again later"; scancel does, for a minute.
timeout 1 scancel --signal=USR1 --batch "$(field "${train}_2" JobId)" || true
until_ 30 'task 2 is queued again' log_says 2 'is queued again'

say 'preempt a task'
until_ 60 'task 3 trains' is_training 3 6
sleep 0.3
urgent=$(sbatch --parsable --partition=urgent --nodes=2 --mem=50 --output=/dev/null --wrap='sleep 1')
until_ 60 'the urgent job has ended' has_state "$urgent" COMPLETED

say 'drain a node'
scontrol update nodename=n2 state=drain reason=check
for task in 1 2 3; do
    until_ 90 "task $task goes on inside its run" log_says "$task" 'goes on from step'
done
until_ 60 'task 2 ends' has_state "${train}_2" COMPLETED
say 'queue a finished task again'
scontrol requeue "${train}_2"
until_ 60 'task 2 is there once more' log_says 2 'attempt 3'
until_ 60 'task 2 finds nothing to do' log_says 2 'nothing to train'
scontrol update nodename=n2 state=resume

until_ 90 'the merge has ended' has_state "$merge" 'COMPLETED FAILED'
# Two runs of the task that was killed are missing: the merge says so, and which.
[ "$(field "$merge" ExitCode)" = 1:0 ] || wrong "the merge ended with $(field "$merge" ExitCode)"
grep -q 'of 12 runs of .cluster. are missing' "$folder/$merge.log" || wrong 'the merge does not say what is missing'
began=$(field "$merge" StartTime)
for task in 0 1 2 3 4 5; do
    [ "$(field "${train}_$task" EndTime)" \> "$began" ] && wrong "the merge did not wait for task $task"
done

say 'submit what is left'
sed -i "s/epochs: $((epochs + 1))/epochs: $epochs/" cluster.yaml
"$program" submit cluster.yaml --tasks 6 >jobs.txt
folder=$place/results/cluster/slurm/2
grep -qx '#SBATCH --array=0' "$folder/train.sh" || wrong "sent anew: $(grep array "$folder/train.sh")"
read -r merge _ < <(tail -n 1 jobs.txt)
until_ 60 'the second merge has ended' has_state "$merge" 'COMPLETED FAILED'
[ "$(field "$merge" ExitCode)" = 0:0 ] || wrong "the second merge ended with $(field "$merge" ExitCode)"
[ -s results/figures/cluster-learning_curves.svg ] || wrong 'no figure was drawn'
"$program" submit cluster.yaml --tasks 6 2>said.txt
grep -q 'all 12 runs are done' said.txt || wrong "nothing is left, and: $(cat said.txt)"

say 'compare with an uninterrupted run'
"$program" run cluster.yaml --out alone 2>/dev/null
/usr/bin/python3 "$same" alone/cluster.h5 results/cluster.h5

# ---- many small runs, and a kill every few seconds ----

say '300 runs in 8 tasks, killed and started again'
sed -e 's/^name: .*/name: many/' -e "s/epochs: $epochs/epochs: 20/" -e 's/range(6)/range(150)/' cluster.yaml >many.yaml
cat >>many.yaml <<'YAML'
claim: {number: 1, notes: A, says: Batch norm errs less., supported: It does., refuted: It does not.}
judge:
  - name: error
    asks: Does it?
    kind: direction
    metric: test_error
    more: {name: none, norm.kind: none}
    less: {name: batch, norm.kind: batch}
    delta: 0.01
    supported: It does.
    refuted: It does not.
YAML
"$program" submit many.yaml --tasks 8 --checkpoint 0.1 >jobs.txt 2>/dev/null
read -r train _ <jobs.txt
read -r merge _ < <(tail -n 1 jobs.txt)
/usr/bin/python3 "$root/scripts/kill-tasks.py" "$program" "$place/results/many" "$train" 8
# It may have begun in a moment when every task had ended, one of them killed; by hand it is the same.
until_ 60 'the merge has ended' has_state "$merge" 'COMPLETED FAILED'
cp "results/many/slurm/1/$merge.log" finish.txt
[ "$(state "$merge")" = COMPLETED ] || bash results/many/slurm/1/finish.sh >finish.txt 2>&1 || wrong "$(cat finish.txt)"
say 'compare with an uninterrupted run'
grep -q 'Batch norm errs less' finish.txt || wrong "nothing was judged: $(cat finish.txt)"
"$program" run many.yaml --out alone 2>/dev/null
/usr/bin/python3 "$same" alone/many.h5 results/many.h5
say 'equal'
