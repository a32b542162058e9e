#!/usr/bin/env bash
# One experiment file on several machines: two ssh hosts by hand and with GNU parallel, two containers that share a folder and
# know nothing of each other's processes, a folder without locks, two clients of a network file system. In the end each merged
# file must equal that of an uninterrupted run on one machine.
#
#   scripts/check-hosts.sh [NORMLAB]      default: build/normlab
#
# A host is an sshd on the loopback interface with a name, processes and folders of its own (namespaces), so this needs root.
# Needs openssh-server, parallel, util-linux; what is missing fails. GlusterFS alone, which needs FUSE, may be skipped, and the
# script says so. Leaves nothing behind, nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-build/normlab}")
# shellcheck source=scripts/run-length.sh disable=SC1091
source scripts/run-length.sh
root=$PWD
same=$root/scripts/same-results.py
work=$(mktemp -d "${TMPDIR:-/tmp}/normlab-hosts-XXXXXX")
chmod 755 "$work"
mounted=()

finish() {
    local status=$?
    set +e
    # unshare hears no other signal; what it started dies with it.
    for pid in $(jobs -p); do kill -9 "$pid" && wait "$pid"; done 2>/dev/null
    for folder in "${mounted[@]}"; do umount --lazy "$folder"; done
    [ "$status" -eq 0 ] || { tail -n 20 "$work"/log/* 2>/dev/null && echo "check-hosts.sh: failed"; } >&2
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
wrong() {
    echo "check-hosts.sh: $*" >&2
    exit 1
}
# until_ SECONDS WHAT COMMAND...: until it succeeds.
until_() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || wrong "waited in vain: $what"
        sleep 0.05
    done
}
equal() { /usr/bin/python3 "$same" "$work/alone/study.h5" "$1"; }

for name in ssh ssh-keygen parallel unshare; do
    command -v "$name" >/dev/null || wrong "$name not found; on Debian: apt-get install openssh-server parallel util-linux"
done
[ -x /usr/sbin/sshd ] || wrong 'sshd not found; on Debian: apt-get install openssh-server'
isolate=(unshare --mount --uts --pid --fork --kill-child --mount-proc)
[ "$(id -u)" -eq 0 ] || wrong 'needs root, to give each host a name, processes and folders of its own'
"${isolate[@]}" true 2>"$work/said" || wrong "no namespaces here: $(cat "$work/said")"

mkdir "$work/log" "$work/shared"
cat >"$work/shared/study.yaml" <<'YAML'
schema: 1
name: study
title: Runs of a second, for several machines
base:
  data:      {name: clusters, classes: 4, features: 20, spread: 2, rows: 2400, validation: 400, test_rows: 400}
  model:     {hidden: [16, 16]}
  optimizer: {lr: 0.05, schedule: cosine}
  train:     {epochs: 400, batch_size: 8}
  log:       {weights: final}
sweep:
  norm.kind: [none, batch]
  seed: range(4)
YAML
cd "$work/shared"
lengthen study.yaml 400 8 1 # each host must find something to do, each kill somebody at work
say "one machine, $epochs epochs a run"
"$program" run study.yaml --out "$work/alone" >/dev/null 2>&1

# ---- two hosts ----

port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

answers() { command ssh -n -F "$work/ssh.conf" "$1" true 2>/dev/null; }

# start_host NAME: a folder of its own stands at $work/own there.
start_host() {
    local name=$1 port
    port=$(port)
    mkdir -p "$work/disk.$name" "$work/own"
    cat >>"$work/ssh.conf" <<CONF
Host $name
    HostName 127.0.0.1
    Port $port
    User $(id -un)
    IdentityFile $work/key
    IdentitiesOnly yes
    UserKnownHostsFile $work/known
    StrictHostKeyChecking accept-new
    LogLevel ERROR
CONF
    # shellcheck disable=SC2016 # the inner shell expands them
    "${isolate[@]}" bash -c '
        hostname "$1"
        mount -t tmpfs none /run && mkdir -m 755 /run/sshd
        mount --bind "$3/disk.$1" "$3/own"
        exec /usr/sbin/sshd -D -f "$3/sshd.conf" -p "$2" -E "$3/log/sshd.$1"' - "$name" "$port" "$work" &
    until_ 20 "the sshd of $name" answers "$name"
}

ssh-keygen -q -t ed25519 -N '' -f "$work/key"
ssh-keygen -q -t ed25519 -N '' -f "$work/hostkey"
cat >"$work/sshd.conf" <<CONF
ListenAddress 127.0.0.1
HostKey $work/hostkey
AuthorizedKeysFile $work/key.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
PidFile none
CONF
say 'start two hosts'
start_host one
start_host two
ssh() { command ssh -n -F "$work/ssh.conf" "$@"; }
[ "$(ssh one hostname) $(ssh two hostname)" = 'one two' ] || wrong 'the hosts have no names of their own'

say 'ssh: folders of their own'
for host in one two; do scp -q -F "$work/ssh.conf" study.yaml "$host:$work/own/"; done
# shellcheck disable=SC2029
ssh one "cd '$work/own' && '$program' run study.yaml --shard 0/2" >"$work/log/one" 2>&1 &
jobs=$!
# shellcheck disable=SC2029
ssh two "cd '$work/own' && '$program' run study.yaml --shard 1/2" >"$work/log/two" 2>&1
wait "$jobs"
for host in one two; do
    mkdir "$work/$host"
    scp -q -r -F "$work/ssh.conf" "$host:$work/own/results/study" "$work/$host/"
done
[ "$(compgen -G "$work/one/study/r*.h5" | wc -l)" = 4 ] || wrong 'a host has trained other runs than its shard'
"$program" merge "$work/one/study" "$work/two/study" --out "$work/ssh.h5" 2>/dev/null
equal "$work/ssh.h5"

say 'GNU parallel: one folder that both see'
parallel --will-cite --ssh "ssh -F $work/ssh.conf" --sshlogin 1/one,1/two --workdir . --joblog "$work/joblog" \
    "$program" run study.yaml --out parallel --shard {}/5 --jobs 1 --threads 1 ::: {0..4} >"$work/log/parallel" 2>&1
[ "$(awk 'NR > 1 { print $2 }' "$work/joblog" | sort -u | wc -l)" = 2 ] || wrong 'one host has done all the work'
"$program" merge parallel/study 2>/dev/null
equal parallel/study.h5

# ---- containers ----

# In one folder, with one name; each is process 1 of its own namespace.
contained() {
    # shellcheck disable=SC2016 # the inner shell expands them
    exec "${isolate[@]}" bash -c 'hostname same; exec "$@"' - "$program" run study.yaml --out contained --shard "$1/2" \
        --jobs 1 --threads 1 --checkpoint 0.05 >>"$work/log/contained.$1" 2>&1
}
# A run of shard 0 has one.
has_checkpoint() {
    { "$program" status contained/study --runs --shards 2 --tsv 2>/dev/null || true; } |
        awk -F '\t' '$3 == "0/2" && $2 == "running" && $14 == 1 { found = 1 } END { exit !found }'
}

say 'containers: same host name, same process numbers, one killed'
contained 0 &
killed=$!
contained 1 &
other=$!
until_ 30 'a checkpoint' has_checkpoint
kill -9 "$killed"
wait "$killed" 2>/dev/null || true
(contained 0)
wait "$other"
grep -q 'goes on from step' "$work/log/contained.0" || wrong 'what was killed does not go on'
"$program" merge contained/study 2>/dev/null
equal contained/study.h5

# ---- a folder without locks ----

# The folder as NFS or Lustre may show it (scripts/breaking/far_folder.c), to processes that are in containers of their own.
far() {
    FAR_FOLDER=$work/shared/far FAR_COUNT=$work/far.count LD_PRELOAD=$work/far_folder.so "$program" "$@"
}
far_writer() {
    # shellcheck disable=SC2016 # the inner shell expands them
    FAR_FOLDER=$work/shared/far FAR_COUNT=$work/far.count exec "${isolate[@]}" bash -c 'LD_PRELOAD=$0 exec "$@"' \
        "$work/far_folder.so" "$program" run study.yaml --out far --shard "$1/2" --jobs 1 --threads 1 --checkpoint 0.05 \
        >>"$work/log/far.$1" 2>&1
}
# Status may be behind, never ahead; what is there can be merged.
far_reader() {
    local status=0 said after
    far status far/study --runs --tsv >"$work/far.status" 2>"$work/log/far.said" || status=$?
    [[ $status =~ ^(0|1|75)$ ]] || wrong "status without locks: $status: $(cat "$work/log/far.said")"
    said=$(awk '$2 ~ /^(done|complete|diverged)$/' "$work/far.status" | wc -l)
    after=$({ compgen -G 'far/study/r*.h5' || true; } | wc -l) # compgen fails where there is none yet
    [ "$said" -le "$after" ] || wrong "status says that $said runs are done, and there are $after"
    rm -f far/partial.h5
    far merge far/study --out far/partial.h5 >"$work/log/far.merge" 2>&1 || [ $? -eq 1 ] || wrong "$(cat "$work/log/far.merge")"
    ! grep -q '^damaged' "$work/log/far.merge" || wrong "$(cat "$work/log/far.merge")"
}

say 'no locks, late listings, stale handles: two writers, one killed, and a reader'
"${CC:-gcc}" -O1 -shared -fPIC "$root/scripts/breaking/far_folder.c" -o "$work/far_folder.so"
far_writer 0 &
killed=$!
far_writer 1 &
other=$!
until_ 30 'a plan' test -e far/study/plan.json
sleep 1.5 # until the listing has it
far_reader
kill -9 "$killed"
wait "$killed" 2>/dev/null || true
far_writer 0 &
killed=$!
reads=0
while kill -0 "$killed" 2>/dev/null || kill -0 "$other" 2>/dev/null; do
    far_reader
    reads=$((reads + 1))
done
wait "$killed"
wait "$other"
sleep 1.5
far status far/study >"$work/log/far.status" 2>&1 || wrong "in the end: $(cat "$work/log/far.status")"
far merge far/study 2>/dev/null
equal far/study.h5
for kind in l d n s; do
    grep -q "$kind" "$work/far.count" || wrong "no call was met with '$kind'"
done

# ---- a network file system ----

# A brick and two clients that keep names and attributes for three seconds.
start_gluster() {
    local port client
    port=$(port)
    mkdir "$work/brick" "$work/first" "$work/second"
    cat >"$work/brick.vol" <<CONF
volume disk
  type storage/posix
  option directory $work/brick
end-volume
volume shared
  type features/locks
  subvolumes disk
end-volume
volume server
  type protocol/server
  option transport-type tcp
  option transport.address-family inet
  option transport.socket.listen-port $port
  option transport.socket.bind-address 127.0.0.1
  option auth.addr.shared.allow 127.0.0.1
  subvolumes shared
end-volume
CONF
    cat >"$work/client.vol" <<CONF
volume remote
  type protocol/client
  option transport-type tcp
  option transport.address-family inet
  option remote-host 127.0.0.1
  option remote-port $port
  option remote-subvolume shared
end-volume
volume behind
  type performance/write-behind
  subvolumes remote
end-volume
volume cached
  type performance/md-cache
  option md-cache-timeout 3
  subvolumes behind
end-volume
CONF
    glusterfsd -N -f "$work/brick.vol" -l "$work/log/brick" -p "$work/brick.pid" &
    for client in first second; do
        sleep 0.5
        glusterfs -f "$work/client.vol" -l "$work/log/$client" --attribute-timeout=3 --entry-timeout=3 "$work/$client" || return 1
        mounted+=("$work/$client")
    done
    until_ 10 'GlusterFS' touch "$work/first/there"
    stat "$work/second/there" >/dev/null
}

say 'GlusterFS: two writers and a reader'
if ! command -v glusterfsd >/dev/null; then
    echo 'SKIPPED: GlusterFS is not installed; on Debian: apt-get install glusterfs-server'
elif [ ! -w /dev/fuse ]; then
    echo 'SKIPPED: GlusterFS needs /dev/fuse'
else
    start_gluster
    cp study.yaml "$work/first/"
    writer() { (cd "$work/$1" && "$program" run study.yaml --shard "$2/2" --jobs 1 --threads 1 --checkpoint 0.05) >"$work/log/writer.$2" 2>&1; }
    writer first 0 &
    one=$!
    writer second 1 &
    two=$!
    # What is there so far can be merged at any time, and is never damaged.
    reads=0
    until_ 20 'a plan' test -e "$work/second/results/study/plan.json"
    while kill -0 "$one" 2>/dev/null || kill -0 "$two" 2>/dev/null; do
        "$program" merge "$work/second/results/study" --out "$work/second/partial.h5" >"$work/log/reader" 2>&1 || [ $? -eq 1 ] ||
            wrong "a merge on the way: $(cat "$work/log/reader")"
        ! grep -q '^damaged' "$work/log/reader" || wrong "$(cat "$work/log/reader")"
        reads=$((reads + 1))
    done
    wait "$one"
    wait "$two"
    [ "$reads" -gt 1 ] || wrong "only $reads reads on the way"
    "$program" merge "$work/second/results/study" 2>/dev/null
    equal "$work/first/results/study.h5"
fi
say 'equal'
