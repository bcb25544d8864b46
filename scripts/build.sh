#!/usr/bin/env bash
# Configures and builds one variant into build/VARIANT: build.sh release|test|asan|tsan|bench
# Quiet unless it fails.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)

# The build type, then the project's own options.
options_of() {
  case "$1" in
    release) echo Release -DBILLING_BUILD_TESTS=OFF ;;
    test) echo Release -DBILLING_BUILD_TESTS=ON -DBILLING_WERROR=ON ;;
    asan) echo Release -DBILLING_BUILD_TESTS=ON -DBILLING_SANITIZE=address ;;
    tsan) echo Release -DBILLING_BUILD_TESTS=ON -DBILLING_SANITIZE=thread ;;
    bench) echo Release -DBILLING_BUILD_TESTS=OFF -DBILLING_BUILD_BENCHMARKS=ON ;;
    *)
      echo "build.sh: which variant? release, test, asan, tsan or bench" >&2
      return 2
      ;;
  esac
}

# What runs the compiler: ccache where there is one, told in so many words that a clone in another
# folder is the same source. Empty in any other case, so that a build from when there was a ccache
# does not look for it forever.
compiler_launcher() {
  local ccache
  ccache=$(command -v ccache) || return 0
  echo "env;CCACHE_BASEDIR=$root;CCACHE_NOHASHDIR=1;$ccache"
}

main() {
  local variant=${1:-} options folder
  options=$(options_of "$variant")
  read -ra options <<<"-DCMAKE_BUILD_TYPE=$options"
  folder=$root/build/$variant
  [[ -e $folder/build.ninja ]] || echo "Building build/$variant" >&2

  "$root/scripts/quietly.sh" cmake -S "$root" -B "$folder" -G Ninja "${options[@]}" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$(compiler_launcher)" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
  "$root/scripts/quietly.sh" cmake --build "$folder"
}

main "$@"
