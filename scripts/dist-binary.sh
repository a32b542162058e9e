#!/usr/bin/env bash
# The program in one folder, to be unpacked anywhere: build/NAME-linux-PROCESSOR.tar.gz, for machines without root or
# Debian. All libraries but the C library's are inside; gnuplot, for figures, is the user's.
#
#   scripts/dist-binary.sh NAME     as `make dist-binary` calls it; MARCH=..., the processors it is for
#                                   (default on x86-64: x86-64-v3)
set -euo pipefail
cd "$(dirname "$0")/.."
processor=$(uname -m)
march=${MARCH:-}
[ -n "$march" ] || [ "$processor" != x86_64 ] || march=x86-64-v3
build=${BUILD:-build}
name=$1-linux-$processor
folder=$build/$name

fail() {
    echo "dist-binary.sh: $*" >&2
    exit 1
}

rm -rf "$folder"
# Not the place where it was built.
CFLAGS="${CFLAGS:-} -ffile-prefix-map=$PWD=." ${MAKE:-make} -s BUILD="$build/binary" MARCH="$march" STATIC=1 \
    program install PREFIX="$folder"
strip "$folder/bin/normlab"

needed=$(objdump -p "$folder/bin/normlab" | awk '$1 == "NEEDED" && $2 !~ /^(libc|libm|ld-linux-.*)\.so\./ { print $2 }')
[ -z "$needed" ] || fail "the program needs $needed, and not the C library alone"
libc=$(objdump -T "$folder/bin/normlab" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)

# Licences ask that their words go with what is linked.
licences=$folder/share/doc/normlab/licences
mkdir -p "$licences"
cp LICENSE "$licences/normlab"
for package in libhdf5-dev libyaml-dev libjansson-dev libcsv-dev zlib1g-dev libxxhash-dev librandom123-dev libaec-dev \
    "gcc-$(gcc -dumpversion)-base"; do
    [ -f "/usr/share/doc/$package/copyright" ] || fail "no licence of $package: scripts/install-deps.sh"
    cp "/usr/share/doc/$package/copyright" "$licences/$package"
done
cp README.md CHANGELOG.md "$folder/share/doc/normlab"
cat >"$folder/README" <<TEXT
normlab $(scripts/version.sh) for Linux on $processor${march:+ ($march)}

Run bin/normlab; the folder may stand anywhere, and be moved as a whole. It needs the C library
of GNU, ${libc#GLIBC_} or later, and gnuplot 5.4 or later for figures.

    bin/normlab run share/normlab/experiments/smoke.yaml

Data: data.dir of an experiment names a folder with the four IDX files of Fashion-MNIST.
A normalizer of your own: cc -shared -fPIC -I include mine.c -o mine.so; bin/normlab check NAME --plugin ./mine.so
Documents and licences: share/doc/normlab
TEXT

when=$(git log -1 --format=%ct 2>/dev/null || echo 0)
tar -C "$build" --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw --mtime="@$when" -cf - "$name" |
    gzip -9n >"$folder.tar.gz.new"
mv "$folder.tar.gz.new" "$folder.tar.gz"
echo "$folder.tar.gz"
