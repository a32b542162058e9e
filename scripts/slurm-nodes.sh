# shellcheck shell=bash
# A cluster of two nodes on this machine, for scripts that are sourced with it: Debian's slurm-wlm and munge, on the loopback
# interface, with ports and files of its own, as whoever starts it.
#
#   slurm_up FOLDER    starts it there, and exports SLURM_CONF
#   slurm_down         ends it, its jobs included

slurm_daemons=()

# N free ports.
free_ports() {
    /usr/bin/python3 - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PYTHON
}

# A step that cannot be made here is no step that was passed.
slurm_check() {
    local program missing=()
    for program in munged mungekey slurmctld slurmd sbatch scontrol squeue sinfo scancel; do
        PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || missing+=("$program")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "slurm: ${missing[*]} not found; on Debian: apt-get install slurm-wlm munge" >&2
    return 1
}

write_slurm_conf() {
    local folder=$1 host user
    host=$(hostname -s)
    user=$(id -un)
    shift
    cat >"$folder/slurm.conf" <<CONF
ClusterName=normlab
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$1
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
# A task that is queued again waits as long as a credential lives.
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/slurmd.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MaxArraySize=1001
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
KillWait=10
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$2 CPUs=1 RealMemory=2000 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$3 CPUs=1 RealMemory=2000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=2:00:00 PriorityTier=1 State=UP
PartitionName=urgent Nodes=ALL MaxTime=1:00 MaxMemPerNode=100 PriorityTier=2 PreemptMode=OFF State=UP
CONF
}

slurm_is_up() { [ "$(sinfo --noheader --Node --partition=all --format=%t 2>/dev/null | grep -c '^idle$')" = 2 ]; }

slurm_up() {
    local folder=$1 ports tries
    slurm_check || return 1
    PATH=$PATH:/usr/sbin
    read -ra ports < <(free_ports 3)
    mkdir -p "$folder/state" "$folder/munge" "$folder/log"
    chmod 755 "$folder" "$folder/munge"
    mungekey --create --keyfile "$folder/munge/key"
    munged --foreground --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
        --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" >"$folder/log/munged" 2>&1 &
    slurm_daemons=($!)
    for ((tries = 0; tries < 100; tries++)); do
        [ ! -S "$folder/munge/socket" ] || break
        sleep 0.05
    done
    write_slurm_conf "$folder" "${ports[@]}"
    export SLURM_CONF=$folder/slurm.conf
    slurmctld -D >"$folder/log/slurmctld.out" 2>&1 &
    slurm_daemons=($! "${slurm_daemons[@]}")
    for node in n1 n2; do
        slurmd -D -N "$node" >"$folder/log/$node.out" 2>&1 &
        slurm_daemons=($! "${slurm_daemons[@]}")
    done
    for ((tries = 0; tries < 300; tries++)); do
        slurm_is_up && return 0
        sleep 0.1
    done
    echo "slurm: its two nodes are not idle after 30 s:" >&2
    sinfo --Node --long >&2 || true
    tail -n 5 "$folder"/log/* "$folder/munge/log" >&2
    return 1
}

# The daemons in the order nodes, controller, munge: what a node still has to say is heard.
slurm_down() {
    local pid tries
    if [ ${#slurm_daemons[@]} -gt 1 ]; then
        timeout 10 scancel --user="$(id -un)" 2>/dev/null || true
        for ((tries = 0; tries < 100; tries++)); do
            timeout 10 squeue --noheader --states=all --format=%T 2>/dev/null | grep -E 'RUNNING|COMPLETING' >/dev/null || break
            sleep 0.1
        done
    fi
    for pid in "${slurm_daemons[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    slurm_daemons=()
}
