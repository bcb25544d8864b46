#!/usr/bin/env bash
# Kills a large `billing aggregate --state` again and again at random moments and checks that no
# record is lost or counted twice, and that the result is always absent, old or new, and whole.
#
#   scripts/kill_state.sh                      200 kills, 2,000,000 records: some minutes
#   scripts/kill_state.sh --kills 20 --records 100000
#   BILLING=path/to/billing scripts/kill_state.sh
#
# Installs and builds nothing. All options: scripts/kill_state.sh --help
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
exec python3 "$root/scripts/kill_state.py" "$@"
