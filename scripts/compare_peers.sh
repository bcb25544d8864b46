#!/usr/bin/env bash
# Runs billing, DuckDB and Polars on the same jobs, checks that they agree to the byte, and prints
# how they compare. Options: scripts/compare_peers.sh --help
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
python=$root/.venv/bin/python

prepare_python() {
  if "$python" -c 'import duckdb, polars' 2>/dev/null; then return; fi
  echo "Installing DuckDB and Polars in .venv" >&2
  # Debian's own Python: the one that python3-venv belongs to.
  "$root/scripts/quietly.sh" /usr/bin/python3 -m venv --clear "$root/.venv"
  "$root/scripts/quietly.sh" "$python" -m pip install duckdb==2.0.0 polars==2.1.0
}

"$root/scripts/install_packages.sh" build peers
prepare_python
"$root/scripts/build.sh" release
exec "$python" "$root/scripts/compare_peers.py" "$@"
