#!/bin/bash
# Trains shard SLURM_ARRAY_TASK_ID of {{shards}}, from 0. `normlab submit` made this script; edit it and send it again with
# `sbatch` as you like: runs that are finished are skipped.
#SBATCH --job-name={{name}}
#SBATCH --array={{array}}
#SBATCH --cpus-per-task={{cpus}}
#SBATCH --time={{time}}
#SBATCH --mem={{memory}}
#SBATCH --requeue
#SBATCH --signal=B:USR1@60
#SBATCH --open-mode=append
#SBATCH --chdir={{folder}}
#SBATCH --output={{logs}}/%A_%a.log
{{options}}
set -u
task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
requeues=3 # at most, those by Slurm included
child='' caught=''

is_running() { [ "$(squeue --noheader --jobs="$task" --format=%T)" = RUNNING ]; }

# A minute before the time is over, Slurm sends USR1 to this script alone; normlab leaves a checkpoint and exit status 75.
ask_to_stop() {
    caught=yes
    [ -z "$child" ] || kill -TERM "$child"
}
trap ask_to_stop USR1
# A task that Slurm ends (scancel, a preemption) is no longer RUNNING, and normlab got this signal from Slurm, too: a
# second one would leave it no time for a checkpoint.
trap 'caught=yes; ! is_running || ask_to_stop' TERM

echo "$(date +%FT%T) $task on $(hostname), attempt $((${SLURM_RESTART_COUNT:-0} + 1))"
{{program}} run {{plan}} --shard "$SLURM_ARRAY_TASK_ID/{{shards}}" --out {{out}} --jobs {{jobs}} --threads {{threads}}{{more}} &
child=$!
[ -z "$caught" ] || ask_to_stop

# A signal ends `wait`, not normlab: wait until it has left.
wait "$child"
status=$?
while [ "$status" -gt 128 ] && [ -n "$caught" ]; do
    caught=''
    wait "$child"
    status=$?
done

# Stopped on the way (75): this task alone goes to the queue again, and then on from its checkpoints.
if [ "$status" -eq 75 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt "$requeues" ] && is_running; then
    echo "$(date +%FT%T) $task is queued again"
    scontrol requeue "$task" && sleep 60 # Slurm ends it
fi
echo "$(date +%FT%T) $task: exit status $status"
exit "$status"
