#!/usr/bin/env bash
# Builds everything for arm64 with Debian's cross compiler and runs the tests of the formats and the
# engine in an emulator: test_arm64.sh
# Installs the compiler and the emulator. The libraries for arm64 are only unpacked below build/arm64,
# so that this machine's packages stay as they are. The first time takes minutes.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
quietly=$root/scripts/quietly.sh
folder=$root/build/arm64
system=$folder/system # what would be / on the other machine
libraries=$system/usr/lib/aarch64-linux-gnu

# The libraries that we build with, by their packages.
library_packages() {
  awk '/^\[/ { inside = $1 == "[build]" || $1 == "[test]" } inside && /^lib.*-dev/ { print $1 }' \
    "$root/scripts/packages.txt"
}

# Debian's packages for arm64, and all that they depend on, into the current folder.
fetch_packages() {
  mkdir -p lists/partial archives/partial
  touch status # as if nothing was installed
  local apt=(apt-get -o APT::Architecture=arm64 -o APT::Architectures::=arm64
    -o "Dir::State::Lists=$PWD/lists" -o "Dir::State::status=$PWD/status"
    -o "Dir::Cache::archives=$PWD/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  "$quietly" "${apt[@]}" update
  "$quietly" "${apt[@]}" install --yes --download-only --no-install-recommends "$@"
}

make_system() {
  local packages package
  mapfile -t packages < <(library_packages)
  [[ -e $system/packages && $(<"$system/packages") == "${packages[*]}" ]] && return
  scratch=$(mktemp -d)
  trap 'rm -rf -- "$scratch"' EXIT
  (cd -- "$scratch" && fetch_packages "${packages[@]}")
  rm -rf -- "$folder" # what was built with other libraries
  mkdir -p "$system"
  for package in "$scratch"/archives/*.deb; do dpkg-deb --extract "$package" "$system"; done
  printf '%s\n' "${packages[*]}" >"$system/packages"
}

build() {
  local launcher
  launcher=$("$root/scripts/compiler_launcher.sh" "$root")
  # Where pkg-config finds what is for arm64.
  export PKG_CONFIG_LIBDIR=$libraries/pkgconfig PKG_CONFIG_SYSROOT_DIR=$system
  "$quietly" cmake -S "$root" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
    -DCMAKE_FIND_ROOT_PATH="$system" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
    -DCMAKE_EXE_LINKER_FLAGS="-Wl,-rpath-link,$libraries" \
    -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-aarch64;-L;$system" -DBILLING_WERROR=ON
  "$quietly" cmake --build "$folder"
}

# The suites of some rooms, as an expression for CTest.
suites_of() {
  local room folders=()
  for room in "$@"; do folders+=("$root/tests/$room"); done
  grep -rhoP '^(TEST|TEST_F|TEST_P|TYPED_TEST)\(\K\w+' "${folders[@]}" | sort -u | paste -sd '|'
}

"$root/scripts/install_packages.sh" build test arm64
make_system
build
ctest --test-dir "$folder" --output-on-failure --no-tests=error -j "$(nproc)" \
  -R "^(.*/)?($(suites_of formats engine))(/.*|\..*)?$"
