#!/usr/bin/env bash
# Runs jobs below memory limits and in memory, checks that the results are the same bytes, and prints
# what they took. Options: scripts/measure_limits.sh --help
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
"$root/scripts/install_packages.sh" build test
"$root/scripts/build.sh" release
exec python3 "$root/scripts/measure_limits.py" "$@"
