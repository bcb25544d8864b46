#!/usr/bin/env bash
# Builds the wheel of the Python package, repairs it, and runs its tests: first those that need nothing
# else in a bare virtual environment, then all of them beside pyarrow, Polars, DuckDB and pandas.
# Everything it makes is below build/python; the repaired wheel stands in build/python/repaired.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
quietly=$root/scripts/quietly.sh
folder=$root/build/python

# A virtual environment with what a file of requirements says, made anew when that changes.
make_environment() {
  local name=$1 requirements=$2
  cmp -s -- "$requirements" "$folder/$name/requirements.txt" && return
  # Debian's own Python: the one that python3-dev belongs to.
  "$quietly" /usr/bin/python3 -m venv --clear "$folder/$name"
  "$quietly" "$folder/$name/bin/pip" install -r "$requirements"
  cp -- "$requirements" "$folder/$name/requirements.txt"
}

build_wheel() {
  local launcher
  launcher=$("$root/scripts/compiler_launcher.sh" "$root")
  export CMAKE_CXX_COMPILER_LAUNCHER=$launcher
  rm -rf -- "$folder/wheels" "$folder/repaired"
  "$quietly" "$folder/tools/bin/pip" wheel --no-build-isolation --no-deps -w "$folder/wheels" \
    "$root/python"
  PATH=$folder/tools/bin:$PATH "$quietly" "$folder/tools/bin/auditwheel" repair -w "$folder/repaired" "$folder"/wheels/*.whl
}

run_tests() {
  local environment=$1
  shift
  "$quietly" "$folder/$environment/bin/pip" install --force-reinstall --no-deps "$folder"/repaired/*.whl
  # From the tests' own folder, so that the installed package is found and not its sources.
  (cd -- "$root/python/tests" && BILLING=$root/build/test/billing \
    "$folder/$environment/bin/python" -W error::ResourceWarning -m unittest "$@")
}

"$root/scripts/install_packages.sh" build test python
"$root/scripts/build.sh" test
mkdir -p "$folder"
make_environment tools "$root/python/requirements-build.txt"
make_environment bare /dev/null
make_environment test "$root/python/requirements-test.txt"
build_wheel
run_tests bare test_all_options test_errors test_merge test_ranges test_check test_work
run_tests test discover
