#!/usr/bin/env bash
# Stops what start.sh started, and nothing else: stop.sh [--env-file FILE]
set -euo pipefail

. "$(dirname -- "${BASH_SOURCE[0]}")/settings.sh"

if [[ ${1:-} == --env-file ]]; then
  env_file=${2:?"stop.sh: --env-file needs a file"}
  shift 2
fi
(($# == 0)) || fail "usage: stop.sh [--env-file FILE]"
read_settings
folder=$(run_folder)

stop() {
  local file=$1 pid attempt
  read -r pid _ <"$file"
  if is_running "$file"; then
    # Each leads a process group: executors end with their worker.
    kill -TERM -- "-$pid"
    for ((attempt = 0; attempt < 150; ++attempt)); do
      is_running "$file" || break
      sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    printf '%s: stopped\n' "$(basename -- "$file" .pid)"
  fi
  rm -f -- "$file"
}

shopt -s nullglob
for file in "$folder"/worker*.pid "$folder"/master.pid "$folder"/history.pid; do
  if [[ -e $file ]]; then stop "$file"; fi
done
