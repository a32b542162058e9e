#!/usr/bin/env bash
# Builds for aarch64 with Debian's cross compiler and runs the tests under qemu.
#
#   scripts/check-aarch64.sh             the tests of all that computes (ten minutes on two cores)
#   scripts/check-aarch64.sh --quick     of products and some of normalizers, and the network against its oracle
#   scripts/check-aarch64.sh FILTER      suites, as Criterion's --filter understands them: '*/*' for all (half an hour)
#
# The libraries for aarch64 are fetched with apt and unpacked under build/aarch64/sysroot; nothing of them is
# installed.
#
# What this cannot tell: speed, and whatever a real processor does that qemu does not (the order of memory).
set -euo pipefail
cd "$(dirname "$0")/.."
filter=${1:-@(hash|random|kernel_*|generated|order|norm_*|nn_*|probe|ablation|batch_noise|diagnostics|response|analysis)/*}
[ "$filter" != --quick ] || filter='@(kernel_gemm/products*|kernel_loss/*|kernel_reduce/*|norm_[!el]*/*|norm_exact/[!t]*|nn_oracle/*|nn_optimizer/*|nn_team/*)'
build=${BUILD:-build}/aarch64
mkdir -p "$build"
build=$(realpath "$build")
root=$build/sysroot
triplet=aarch64-linux-gnu

{ command -v $triplet-gcc && command -v qemu-aarch64; } >/dev/null || {
    echo "check-aarch64.sh: $triplet-gcc and qemu-aarch64 are needed: scripts/install-deps.sh --ci" >&2
    exit 1
}

# apt as it would be on an arm64 machine with nothing installed, and with the sources of this one.
arm_apt() {
    apt-get -q -o Dir::State="$build/apt" -o Dir::State::status="$build/apt/status" -o Dir::Cache="$build/apt" \
        -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User= -o Acquire::Languages=none \
        -o DPkg::Use-Pty=0 -o Debug::NoLocking=1 -o Acquire::Check-Valid-Until=false \
        -o APT::Update::Post-Invoke-Success::= -o DPkg::Post-Invoke::= "$@"
}
packages=(libc6-dev libgomp1 libhdf5-dev libyaml-dev libjansson-dev libcsv-dev zlib1g-dev libxxhash-dev librandom123-dev
    libcriterion-dev)
if [ "$(cat "$root/complete" 2>/dev/null)" != "${packages[*]}" ]; then
    rm -rf "$build/apt" "$root"
    mkdir -p "$build/apt/lists/partial" "$build/apt/archives/partial" "$root"
    : >"$build/apt/status"
    arm_apt update || true # a source without arm64 is no matter, if the packages are found
    arm_apt install -y --no-install-recommends --download-only "${packages[@]}"
    for package in "$build"/apt/archives/*.deb; do
        dpkg -x "$package" "$root"
    done
    # pkg-config's `hdf5` is an alternative that only an installation would set.
    ln -sf hdf5-serial.pc "$root/usr/lib/$triplet/pkgconfig/hdf5.pc"
    echo "${packages[*]}" >"$root/complete"
fi

# Criterion starts every test as a process of its own: execve() of the test program itself, which this
# kernel does not know. Linked into the tests, this one hands it to qemu.
cat >"$build/execve.c" <<'C'
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_ours(const char *path) {
    Elf64_Ehdr header = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file < 0 ? 0 : read(file, &header, sizeof header);
    if (file >= 0)
        close(file);
    return n == sizeof header && header.e_ident[0] == ELFMAG0 && header.e_machine == EM_AARCH64;
}

int execve(const char *path, char *const argv[], char *const envp[]) {
    int n = 0;
    while (argv[n])
        n++;
    const char *emulated[n + 3];
    if (!is_ours(path))
        return (int)syscall(SYS_execve, path, argv, envp);
    emulated[0] = "qemu-aarch64";
    emulated[1] = path;
    for (int i = 1; i <= n; i++)
        emulated[i + 1] = argv[i];
    return (int)syscall(SYS_execve, getenv("QEMU"), emulated, envp);
}
C
$triplet-gcc -D_GNU_SOURCE --sysroot="$root" -O1 -c "$build/execve.c" -o "$build/execve.o"

export PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig:$root/usr/share/pkgconfig
${MAKE:-make} --no-print-directory -j"$(nproc)" CC="$triplet-gcc --sysroot=$root" MARCH=armv8-a BUILD="$build" \
    LDFLAGS="$build/execve.o -Wl,-rpath-link,$root/usr/lib/$triplet" program tests

export QEMU_LD_PREFIX=$root QEMU
QEMU=$(command -v qemu-aarch64)
cat >"$build/tests" <<SH
#!/bin/sh
exec "$QEMU" "$build/release/normlab-tests" "\$@"
SH
chmod +x "$build/tests"
"$QEMU" "$build/normlab" --version
scripts/run-tests.sh "$build/tests" --filter "$filter"
