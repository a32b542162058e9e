#!/usr/bin/env bash
# What is given away, tried where nothing else is: the Debian package in a fresh Debian, the binary folder beside a C
# library alone, both on an old processor. As root; the fresh Debian (build/package/base) is fetched once. A quarter of
# an hour.
#
#   scripts/check-package.sh              DEB_BUILD_OPTIONS=nocheck: builds the package without its tests
#   scripts/check-package.sh --built      with build/deb and build/normlab-*-linux-* as they are
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath -m "${BUILD:-build}")
work=$build/package
mkdir -p "$work"

fail() {
    echo "check-package.sh: $*" >&2
    [ ! -s "$work/said" ] || tail -n 30 "$work/said" >&2
    exit 1
}
step() { printf '==== %s\n' "$*"; }

[ "$(id -u)" -eq 0 ] || fail "root is needed: a folder can be made the root of others by root alone"
scripts/install-deps.sh --package

# inside FOLDER COMMAND...: with FOLDER as /, its processes its own; what is mounted goes with them.
inside() {
    unshare --mount --pid --fork bash -c '
        root=$1; shift
        mkdir -p "$root/proc" "$root/dev"
        mount -t proc proc "$root/proc"
        [ ! -d "$root/dev/pts" ] || mount -t devpts devpts "$root/dev/pts"
        exec chroot "$root" "$@"' inside "$@"
}

# without_avx PROGRAM: a sentence, and status 1.
without_avx() {
    local status=0
    qemu-x86_64 -cpu Nehalem "$1" --version >"$work/said" 2>&1 || status=$?
    [ "$status" -eq 1 ] && grep -q 'with avx, .*, which this one lacks' "$work/said" ||
        fail "$1 on a processor without AVX: status $status"
}

# ---- build ----

if [ "${1:-}" != --built ]; then
    step "make deb"
    make deb >"$work/said" 2>&1 || fail "make deb"
    step "make dist-binary"
    make dist-binary >"$work/said" 2>&1 || fail "make dist-binary"
fi
package=$(echo "$build"/deb/normlab_*_amd64.deb)
folder=$(find "$build" -maxdepth 1 -type d -name 'normlab-*-linux-x86_64')

step "lintian finds no error"
lintian --fail-on error "$build"/deb/*.changes >"$work/said" 2>&1 || fail "lintian"
cat "$work/said"

# ---- the package in a fresh Debian ----

step "installed in a fresh Debian"
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
if [ ! -d "$work/base" ]; then
    rm -rf "$work/base.new"
    debootstrap --variant=minbase "$release" "$work/base.new" >"$work/said" 2>&1 || fail "debootstrap"
    mv "$work/base.new" "$work/base"
fi
rm -rf "$work/root"
cp -a "$work/base" "$work/root"
cp "$package" "$work/root/tmp/normlab.deb"
cp /etc/resolv.conf "$work/root/etc/resolv.conf"
inside "$work/root" sh -ec '
    export DEBIAN_FRONTEND=noninteractive
    find /usr /etc -xdev | sort >/tmp/before
    apt-get -q update
    apt-get -q install -y /tmp/normlab.deb' >"$work/said" 2>&1 || fail "apt-get install normlab.deb"

step "used by somebody who is not root"
inside "$work/root" su -s /bin/sh nobody -c '
    set -e
    cd /tmp && mkdir try && cd try
    normlab --version
    normlab run smoke
    normlab table results/smoke.h5 --by norm.kind --metrics test_error
    normlab plot results/smoke.h5
    ls results/*.svg results/*/*.svg 2>/dev/null | grep -q svg
    normlab check batch
    # One of the installed experiments on installed data.
    normlab run small_batch norm.kind=layer train.batch_size=256 seed=897 train.epochs=1 data.train=2000
    ! normlab run no_such_experiment
    cp -r /usr/share/doc/normlab/examples/plugin .' >"$work/said" 2>&1 || fail "the installed program"
inside "$work/root" sh -ec '
    [ -s /usr/lib/python3/dist-packages/normlab.py ] && [ -s /usr/share/bash-completion/completions/normlab ] &&
        [ -s /usr/share/zsh/vendor-completions/_normlab ]' >"$work/said" 2>&1 || fail "Python or a shell cannot find it"
without_avx "$work/root/usr/bin/normlab"

step "removed without a trace"
inside "$work/root" sh -ec '
    apt-get -q purge -y normlab
    ! find / -xdev -path /proc -prune -o -path /tmp -prune -o -path /var -prune -o -name "*normlab*" -print | grep .
    ' >"$work/said" 2>&1 || fail "something is left after the package was removed"

# ---- the folder beside a C library ----

step "the binary folder with a C library and nothing else"
rm -rf "$work/bare"
libraries=/lib/$(gcc -print-multiarch)
mkdir -p "$work/bare/lib64" "$work/bare$libraries" "$work/bare/tmp"
cp -L /lib64/ld-linux-x86-64.so.2 "$work/bare/lib64"
cp -L "$libraries"/lib{c,m}.so.6 "$work/bare$libraries"
tar -C "$work/bare" -xzf "$folder.tar.gz"
mv "$work/bare/$(basename "$folder")" "$work/bare/anywhere"
program=/anywhere/bin/normlab
inside "$work/bare" $program --version >"$work/said" 2>&1 || fail "$program --version"
inside "$work/bare" $program run smoke --out /tmp >"$work/said" 2>&1 || fail "$program run"
inside "$work/bare" $program table /tmp/smoke.h5 --by norm.kind --metrics test_error >"$work/said" 2>"$work/notes" ||
    fail "$program table: $(cat "$work/notes")"
[ "$(wc -l <"$work/said")" -eq 4 ] || fail "a table of three normalizers"
! inside "$work/bare" $program plot /tmp/smoke.h5 >"$work/said" 2>&1 || fail "figures without gnuplot"
grep -q gnuplot "$work/said" || fail "nobody says that gnuplot is missing"
without_avx "$work/bare/$program"
gcc -shared -fPIC -I "$work/bare/anywhere/include" examples/plugin/scale_norm.c -lm -o "$work/scale_norm.so"
"$work/bare/$program" check scale_norm --plugin "$work/scale_norm.so" >"$work/said" 2>&1 || fail "a plugin"

echo "package and binary are installed, run, refused by an old processor and removed as they should"
