#!/usr/bin/env bash
# Measures how long `billing aggregate --state` takes to find out what is new: many logs of different
# lengths, read again and again while they grow.
#
#   scripts/measure_state.sh                      1,000 logs, 100 runs: a minute or two
#   scripts/measure_state.sh --logs 100 --runs 10
#   BILLING=path/to/billing scripts/measure_state.sh
#
# Installs and builds nothing. All options: scripts/measure_state.sh --help
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
exec python3 "$root/scripts/measure_state.py" "$@"
