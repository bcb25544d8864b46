#!/usr/bin/env bash
# What the inner loops cost on this machine, each by itself; arguments go to Google Benchmark:
# scripts/microbench.sh --benchmark_filter=decode
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
"$root/scripts/install_packages.sh" build bench
"$root/scripts/build.sh" bench
exec "$root/build/bench/tests/bench/billing_microbench" "$@"
