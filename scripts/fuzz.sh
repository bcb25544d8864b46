#!/usr/bin/env bash
# Builds the fuzz targets (tests/fuzz) and runs each for a while: fuzz.sh [SECONDS [TARGET...]]
# Ten seconds each unless told otherwise. What was learnt stays in build/fuzz/corpus; what broke a
# target is left in build/fuzz/found, and fails.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
folder=$root/build/fuzz

fail() {
  printf 'fuzz: %s\n' "$*" >&2
  exit 1
}

# A target from its seeds: hangs, leaks and more than a gigabyte are failures too.
run() {
  local target=$1 seconds=$2 corpus=$folder/corpus/$1
  mkdir -p "$corpus" "$folder/found"
  local seeds=()
  if [[ -d $root/tests/fuzz/seeds/$target ]]; then seeds=("$root/tests/fuzz/seeds/$target"); fi
  printf '%s: %s s\n' "$target" "$seconds"
  "$root/scripts/quietly.sh" "$folder/tests/fuzz/$target" -max_total_time="$seconds" -max_len=8192 \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$folder/found/$target-" \
    "$corpus" "${seeds[@]}"
}

main() {
  local seconds=${1:-10} target targets=()
  [[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "usage: fuzz.sh [SECONDS [TARGET...]]"
  if (($# > 1)); then
    targets=("${@:2}")
  else
    for target in "$root"/tests/fuzz/fuzz_*.cc; do
      target=${target##*/}
      targets+=("${target%.cc}")
    done
  fi
  "$root/scripts/install_packages.sh" build fuzz
  "$root/scripts/build.sh" fuzz
  for target in "${targets[@]}"; do
    run "$target" "$seconds" || fail "$target has found something: see $folder/found"
  done
}

main "$@"
