#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks; says plainly what to install where
# there is no apt. Calls apt only when something is missing, so it works offline once all is there.
#
#   scripts/install-deps.sh          for make, make check, make reproduce
#   scripts/install-deps.sh --ci     also for .ci/run, make parity and make bench: clang, sanitizers, Python readers,
#                                    a browser, the matrix libraries that normlab bench compares with
#   scripts/install-deps.sh --cluster  also for make check-slurm; --ci has it
#   scripts/install-deps.sh --package  also for make deb and make check-package
#   scripts/install-deps.sh --list   print the packages, install nothing
set -euo pipefail

needed=(gcc libc6-dev make pkg-config libhdf5-dev libyaml-dev libjansson-dev libcsv-dev zlib1g-dev libxxhash-dev
        librandom123-dev libcriterion-dev gnuplot-nox dataset-fashion-mnist)
extras=(git clang clang-format clang-tidy cppcheck valgrind libclang-rt-dev libomp-dev hdf5-tools netcdf-bin python3-numpy python3-scipy python3-yaml python3-jsonschema python3-h5py
        python3-xarray python3-h5netcdf python3-netcdf4 python3-torch libdnnl2 libopenblas0-serial
        libopenblas0-openmp gcc-aarch64-linux-gnu qemu-user chromium chromium-driver python3-selenium zsh fish groff-base jq
        r-bioc-rhdf5 r-cran-mlbench python3-sklearn octave octave-netcdf python3-pandas python3-matplotlib python3-nbconvert python3-ipykernel)
cluster=(slurm-wlm munge shellcheck procps openssh-server openssh-client parallel glusterfs-server glusterfs-client
         python3-numpy python3-h5py)
packaging=(debhelper dpkg-dev lintian debootstrap qemu-user)

packages=("${needed[@]}")
list=
for option in "$@"; do
    case $option in
    --ci) packages+=("${extras[@]}" "${cluster[@]}") ;;
    --cluster) packages+=("${cluster[@]}") ;;
    --package) packages+=("${packaging[@]}") ;;
    --list) list=yes ;;
    *)
        echo "install-deps.sh: unknown option '$option' (known: --ci, --cluster, --package, --list)" >&2
        exit 2
        ;;
    esac
done

if [ -n "$list" ]; then
    printf '%s\n' "${packages[@]}"
    exit 0
fi

say_what_to_install() {
    cat >&2 <<'TEXT'
Please install with your package manager:
  gcc or clang with OpenMP, GNU make, pkg-config
  HDF5 1.10 or later with its high-level library, headers (hdf5.h, hdf5_hl.h)
  libyaml (yaml.h), jansson 2.8 or later (jansson.h), libcsv 3 (csv.h), zlib (zlib.h), xxHash 0.8 or later (xxhash.h),
  Random123 (Random123/philox.h)
  Criterion 2.4 or later (criterion/criterion.h), for the tests
  gnuplot 5.4 or later with the cairo terminals, for the figures
  Fashion-MNIST as four IDX files (.gz or not); anywhere, named by data.dir in the experiment file
TEXT
}

# Without dpkg: is everything there that the compiler and make will look for?
check_by_hand() {
    local missing=() word flags
    for word in "${CC:-gcc}" make pkg-config gnuplot; do
        command -v "$word" >/dev/null || missing+=("$word")
    done
    flags=$(pkg-config --cflags hdf5 yaml-0.1 jansson zlib libxxhash 2>/dev/null || true)
    for word in hdf5.h hdf5_hl.h yaml.h jansson.h csv.h zlib.h xxhash.h Random123/philox.h criterion/criterion.h; do
        # shellcheck disable=SC2086  # the flags are several words
        echo "#include <$word>" | "${CC:-gcc}" $flags -fsyntax-only -x c - 2>/dev/null || missing+=("$word")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "install-deps.sh: no dpkg and apt-get here, so nothing was installed; missing: ${missing[*]}" >&2
    say_what_to_install
    return 1
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    check_by_hand
    exit
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status} ' "$package" 2>/dev/null || true)
    [[ " $status" == *" installed "* ]] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install-deps.sh: root is needed for: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

echo "install-deps.sh: installing ${missing[*]}"
if ! apt install -y --no-install-recommends "${missing[@]}"; then
    echo "install-deps.sh: once more, with fresh package lists"
    if ! apt update || ! apt install -y --no-install-recommends "${missing[@]}"; then
        echo "install-deps.sh: could not install: ${missing[*]}" >&2
        say_what_to_install
        exit 1
    fi
fi
