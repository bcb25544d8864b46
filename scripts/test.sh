#!/usr/bin/env bash
# Installs what is missing, then checks all that a commit must pass: format, warnings, tests and
# clang-tidy. With CI=true clang-tidy reads every source file, else those that the last commit
# does not have as they are now.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
cd -- "$root"

# Files of the tree, also those not yet added, one NUL after each; not those that are deleted.
files_of_tree() {
  local file
  git ls-files -z --cached --others --exclude-standard --deduplicate -- "$@" |
    while IFS= read -r -d '' file; do
      if [[ -f $file ]]; then printf '%s\0' "$file"; fi
    done
}

# The same, of those that differ from the last commit; a header stands for its source file.
changed_sources() {
  local file
  { git diff -z --name-only HEAD -- "$@" && git ls-files -z --others --exclude-standard -- "$@"; } |
    while IFS= read -r -d '' file; do
      if [[ $file == *.h ]]; then file=${file%.h}.cc; fi
      if [[ -f $file ]]; then printf '%s\0' "$file"; fi
    done | sort -zu
}

# Each version of these tools formats in its own way and finds other things: one is the measure,
# Debian 12's. With others the check is left out, and that is said.
tools_version=14
is_the_measure() {
  local version
  version=$("$1" --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
  [[ $version == "$tools_version" ]] && return
  printf 'test.sh: left out: %s %s; what it says is held to version %s\n' "$1" "$version" \
    "$tools_version" >&2
  return 1
}

check_format() {
  is_the_measure clang-format || return 0
  local kinds=('*.h' '*.cc' '*.cpp' '*.inc')
  files_of_tree "${kinds[@]}" | xargs -0 -r clang-format --dry-run --Werror || {
    echo "To put it right: git ls-files -co --exclude-standard ${kinds[*]@Q} |" \
      "xargs clang-format -i" >&2
    return 1
  }
}

sources_to_tidy() {
  if [[ ${CI:-} == true ]]; then
    files_of_tree 'src/*.cc' 'src/*.cpp'
  else
    changed_sources 'src/*.h' 'src/*.cc' 'src/*.cpp'
  fi
}

check_tidy() {
  is_the_measure clang-tidy || return 0
  sources_to_tidy | xargs -0 -r scripts/tidy.py build/test
}

scripts/install_packages.sh build test format
check_format
scripts/build.sh test
ctest --test-dir build/test --output-on-failure --no-tests=error -j "$(($(nproc) + 1))"
check_tidy
