#!/usr/bin/env bash
# Installs and builds what is missing, then runs billing with the arguments given in the current
# folder; without arguments it bills the sample in data/.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
billing=$root/build/release/billing
results=$root/build/release/sample_results.txt

bill_the_sample() {
  # From the project's folder: a .env of where the caller happens to stand is not meant here.
  cd -- "$root"
  "$billing" aggregate --input data/sample.log --env-file .env.example --group-by user \
    --output "$results"
  head -n 5 -- "$results"
  printf '… all %d lines: %s\n' "$(wc -l <"$results")" "$results"
  cat >&2 <<'NEXT'
Next, with a log of your own (lines such as 2025-05-02T23:16:50Z user115 login 200 1568ms):
  ./scripts/run.sh aggregate my.log --rate login=.005 --output bill.csv
  ./scripts/run.sh help aggregate
NEXT
}

# stdout is billing's own.
"$root/scripts/install_packages.sh" build >&2
"$root/scripts/build.sh" release >&2
if (($# > 0)); then exec "$billing" "$@"; fi
bill_the_sample
