#!/usr/bin/env bash
# The same bills by this package, by Spark's DataFrame and by functions of Python, all in one session of a standalone
# cluster (two executors of one core), and by the program with one thread. Prints CPU seconds of the executors and their
# Python workers (the driver is left out; medians of the runs after the first), wall time, the most memory that an
# executor held with its workers, and whether the sums agree.
#   scripts/compare_spark.sh [--records 20000000] [--users 1000] [--runs 3] [--jobs package,dataframe,python] \
#     [--cycles month,calls:5]
# Needs what .ci/cluster installs: build/cluster/venv, with the package as it is now.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
python=$root/build/cluster/venv/bin/python
if [[ ! -x $python ]]; then
  echo "compare_spark.sh: run .ci/cluster tests/cluster/test_servers.py first: it makes $python" >&2
  exit 2
fi
"$root/scripts/build.sh" release
BILLING=$root/build/release/billing PYTHONPATH=$root/tests/cluster${PYTHONPATH:+:$PYTHONPATH} \
  exec "$python" -W ignore::ResourceWarning "$root/scripts/compare_spark.py" "$@"
