#!/usr/bin/env bash
# Builds oneTBB itself with the thread sanitizer and prints the folder of the library, which then
# goes into LD_LIBRARY_PATH. The sanitizer cannot see how Debian's oneTBB hands work from thread to
# thread, and takes every parallel loop for a data race. Quick when it is built already.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
quietly=$root/scripts/quietly.sh

# Debian's sources of the version whose headers we compile with, into the current folder. The
# machine's own list of sources is only read.
fetch_source() {
  local version=$1
  mkdir -p lists/partial source
  # shellcheck disable=SC2016  # apt fills these in.
  apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | sort -u >sources.list
  local apt=(apt-get -o "Dir::Etc::SourceList=$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$PWD/lists")
  "$quietly" "${apt[@]}" update
  "$quietly" "${apt[@]}" source --download-only "onetbb=$version"
  tar -xf onetbb_*.orig.tar.* -C source --strip-components=1
}

build() {
  local launcher
  launcher=$("$root/scripts/compiler_launcher.sh" "$PWD")
  # oneTBB uses fences, which GCC says the sanitizer does not know: no false alarm came of it.
  "$quietly" cmake -S source -B build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_FLAGS=-Wno-tsan -DTBB_SANITIZE=thread -DTBB_TEST=OFF -DTBB_STRICT=OFF \
    -DTBBMALLOC_BUILD=OFF -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"
  "$quietly" cmake --build build --target tbb
}

main() {
  local version folder
  # shellcheck disable=SC2016  # dpkg-query fills this in.
  version=$(dpkg-query -W -f '${source:Version}' libtbb-dev)
  folder=$root/build/tsan_tbb/$version
  if [[ ! -e $folder ]]; then
    # Elsewhere, as its build fails in a folder with a space in its path.
    scratch=$(mktemp -d)
    trap 'rm -rf -- "$scratch"' EXIT
    cd -- "$scratch"
    fetch_source "$version"
    build
    mkdir libraries
    cp -P build/*/libtbb.so* libraries
    mkdir -p "${folder%/*}"
    mv libraries "$folder"
  fi
  printf '%s\n' "$folder"
}

main "$@"
