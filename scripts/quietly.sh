#!/usr/bin/env bash
# Runs a command and shows what it printed only if it failed: quietly.sh apt-get update
set -euo pipefail

output=$(mktemp)
trap 'rm -f -- "$output"' EXIT

status=0
# No stdin: it belongs to whoever called the script around us.
"$@" </dev/null >"$output" 2>&1 || status=$?
if ((status != 0)); then
  cat -- "$output" >&2
  printf '%s: failed with %d: %s\n' "${0##*/}" "$status" "$*" >&2
fi
exit "$status"
