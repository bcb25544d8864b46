#!/usr/bin/env bash
# Starts a standalone cluster of Spark on this machine: a master, two workers and the history server.
#   start.sh [--env-file FILE]
# Settings, in .env or the environment: SPARK_MASTER_HOST (127.0.0.1), SPARK_MASTER_PORT (7077),
# SPARK_MASTER_WEBUI_PORT (8080), SPARK_WORKERS (2), SPARK_WORKER_CORES (2), SPARK_WORKER_MEMORY (2g),
# SPARK_HISTORY_PORT (18080), SPARK_RUN_DIR (build/spark): logs, events of applications, ids of processes.
# Does nothing for what already runs.
set -euo pipefail

. "$(dirname -- "${BASH_SOURCE[0]}")/settings.sh"

if [[ ${1:-} == --env-file ]]; then
  env_file=${2:?"start.sh: --env-file needs a file"}
  shift 2
fi
(($# == 0)) || fail "usage: start.sh [--env-file FILE]"
read_settings
find_spark
folder=$(run_folder)
host=$(setting SPARK_MASTER_HOST 127.0.0.1)
port=$(setting SPARK_MASTER_PORT 7077)
history_port=$(setting SPARK_HISTORY_PORT 18080)
mkdir -p -- "$folder/events"

# What Spark's own daemons read. Everything listens on the host alone.
export SPARK_LOCAL_IP=$host SPARK_PUBLIC_DNS=$host SPARK_WORKER_DIR=$folder/work
export SPARK_DAEMON_MEMORY=${settings[SPARK_DAEMON_MEMORY]:-512m}
# A worker that is gone is missed after 15 s, in the place of a minute.
export SPARK_MASTER_OPTS="-Dspark.worker.timeout=15 ${SPARK_MASTER_OPTS:-}"
events="-Dspark.history.fs.logDirectory=file://$folder/events"
export SPARK_HISTORY_OPTS="$events -Dspark.history.ui.port=$history_port ${SPARK_HISTORY_OPTS:-}"
# These would move the daemons away from the ports that we give.
unset SPARK_MASTER_HOST SPARK_MASTER_PORT SPARK_MASTER_WEBUI_PORT SPARK_WORKER_PORT SPARK_WORKER_WEBUI_PORT
unset SPARK_WORKER_CORES SPARK_WORKER_MEMORY SPARK_WORKERS

start() {
  local name=$1 pid
  shift
  if is_running "$folder/$name.pid"; then
    printf '%s: runs already\n' "$name"
    return
  fi
  setsid "$SPARK_HOME/bin/spark-class" "$@" </dev/null >"$folder/$name.log" 2>&1 &
  pid=$!
  printf '%s %s\n' "$pid" "$(start_of_process "$pid")" >"$folder/$name.pid"
}

# Waits until a port is open; ends with the log's end if the process does.
await() {
  local name=$1 port=$2 attempt
  for ((attempt = 0; attempt < 600; ++attempt)); do
    (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null && return
    is_running "$folder/$name.pid" || break
    sleep 0.1
  done
  tail -n 20 -- "$folder/$name.log" >&2
  printf 'start.sh: %s did not start on port %s; its log: %s\n' "$name" "$port" "$folder/$name.log" >&2
  exit 1
}

package=org.apache.spark.deploy
start master $package.master.Master --host "$host" --port "$port" \
  --webui-port "$(setting SPARK_MASTER_WEBUI_PORT 8080)"
start history $package.history.HistoryServer
await master "$port"
workers=$(setting SPARK_WORKERS 2)
for ((number = 1; number <= workers; ++number)); do
  start "worker$number" $package.worker.Worker --host "$host" --webui-port 0 \
    --cores "$(setting SPARK_WORKER_CORES 2)" --memory "$(setting SPARK_WORKER_MEMORY 2g)" "spark://$host:$port"
done
for ((number = 1; number <= workers; ++number)); do
  attempt=0
  until grep -q 'Successfully registered with master' "$folder/worker$number.log"; do
    if ((++attempt > 600)) || ! is_running "$folder/worker$number.pid"; then
      tail -n 20 -- "$folder/worker$number.log" >&2
      printf 'start.sh: worker %d did not register; its log: %s\n' "$number" "$folder/worker$number.log" >&2
      exit 1
    fi
    sleep 0.1
  done
done
await history "$history_port"
printf 'Spark runs at spark://%s:%s, its history at http://%s:%s\n' "$host" "$port" "$host" "$history_port"
