#!/usr/bin/env bash
# Configures and builds one variant into build/VARIANT: build.sh release|test|asan|tsan|bench|fuzz
# Quiet unless it fails, but for the count of what is built on a terminal. Does nothing, and quickly,
# when nothing has changed.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)

# The build type, then the project's own options.
options_of() {
  case "$1" in
    release) echo Release -DBILLING_BUILD_TESTS=OFF ;;
    test) echo Release -DBILLING_BUILD_TESTS=ON -DBILLING_WERROR=ON ;;
    asan) echo Release -DBILLING_BUILD_TESTS=ON -DBILLING_SANITIZE=address ;;
    tsan) echo Release -DBILLING_BUILD_TESTS=ON -DBILLING_SANITIZE=thread ;;
    fuzz) echo Release -DBILLING_BUILD_TESTS=OFF -DBILLING_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ ;;
    bench) echo Release -DBILLING_BUILD_TESTS=OFF -DBILLING_BUILD_BENCHMARKS=ON ;;
    *)
      echo "build.sh: which variant? release, test, asan, tsan, bench or fuzz" >&2
      return 2
      ;;
  esac
}

# All of it; of threads and of fuzzing only what tries them.
target_of() {
  case "$1" in
    tsan) echo billing_stress_tests ;;
    fuzz) echo tests/fuzz/all ;;
    *) echo all ;;
  esac
}

# Whether all that the build is made of, packages too, is as it was when the stamp was made. The time
# of a file's last change of any kind (ctime) cannot be set back, and a folder has one as well.
is_built() {
  local stamp=$1 sources=("$root"/{CMakeLists.txt,cmake,include,src,scripts,tests})
  [[ -e $stamp && (-x ${stamp%/*}/billing || -x ${stamp%/*}/tests/fuzz/fuzz_formats) ]] || return 1
  if [[ -e /var/lib/dpkg/status ]]; then sources+=(/var/lib/dpkg/status); fi
  [[ -z $(find "${sources[@]}" -name __pycache__ -prune -o -cnewer "$stamp" -print -quit) ]]
}

# A target in a folder. On a terminal it shows the count of what is done, else nothing.
build() {
  if [[ -t 2 ]]; then
    NINJA_STATUS='Building %f of %t: ' cmake --build "$1" --target "$2" >&2
  else
    "$root/scripts/quietly.sh" cmake --build "$1" --target "$2"
  fi
}

main() {
  local variant=${1:-} options folder stamp launcher
  options=$(options_of "$variant")
  read -ra options <<<"-DCMAKE_BUILD_TYPE=$options"
  folder=$root/build/$variant
  stamp=$folder/built.stamp
  if is_built "$stamp"; then return; fi
  [[ -e $folder/build.ninja ]] || echo "Building build/$variant; the first time takes minutes" >&2

  mkdir -p "$folder"
  touch "$stamp.new" # before the build: what changes meanwhile is newer
  launcher=$("$root/scripts/compiler_launcher.sh" "$root")
  "$root/scripts/quietly.sh" cmake -S "$root" -B "$folder" -G Ninja "${options[@]}" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
  build "$folder" "$(target_of "$variant")"
  mv "$stamp.new" "$stamp"
}

main "$@"
