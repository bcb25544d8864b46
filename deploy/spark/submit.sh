#!/usr/bin/env bash
# Bills the logs of .env where .env says: submit.sh [--dry-run] [--env-file FILE] [OPTIONS of aggregate] [-- INPUT…]
#
# ENVIRONMENT is one of
#   naive   the program `billing` (BILLING, else in PATH) on this machine, by its sequential baseline
#   local   Spark in client mode, SPARK_NUM_EXECUTORS (3) executors from beginning to end
#   kub     Spark on Kubernetes, in cluster mode, 2 to 10 executors as there is work
#   aws     Spark on YARN (EMR), likewise
# and for X of NAIVE, LOCAL, KUB, AWS the settings, in .env or the environment, are
#   LOG_SOURCE_PATH_X    what is billed if no INPUT is named
#   OUTPUT_DIR_X         where the bill goes if neither --output nor --sink is given
#   SPARK_MASTER_URL_X   spark://127.0.0.1:7077 for local, yarn for aws
#   RATE_<task>          prices
#   SPARK_EXECUTOR_CORES (1), SPARK_EXECUTOR_MEMORY (1g), SPARK_DRIVER_MEMORY (1g)
#   SPARK_IMAGE          kub: an image with Spark, the package `billing` and its jars
#   SPARK_ARCHIVE        aws: the wheel of the package, its name ending in .zip
#   SPARK_JOB            job.py of this folder, as a URL that the driver can read
# --dry-run prints the command in the place of running it.
set -euo pipefail

. "$(dirname -- "${BASH_SOURCE[0]}")/settings.sh"

dry_run=no options=() inputs=() has_output=no
while (($# > 0)); do
  case $1 in
    --dry-run) dry_run=yes ;;
    --env-file)
      env_file=${2:?"submit.sh: --env-file needs a file"}
      shift
      ;;
    --)
      shift
      inputs=("$@")
      break
      ;;
    --output | --output=* | -o | --sink | --sink=*) has_output=yes options+=("$1") ;;
    *) options+=("$1") ;;
  esac
  shift
done
read_settings
environment=$(setting ENVIRONMENT local)
case $environment in
  naive | local | kub | aws) ;;
  *) fail "ENVIRONMENT: '$environment' is none of naive, local, kub, aws" ;;
esac
suffix=${environment^^}

if ((${#inputs[@]} == 0)); then
  inputs=("$(setting "LOG_SOURCE_PATH_$suffix")")
  [[ -n ${inputs[0]} ]] || fail "nothing to bill: set LOG_SOURCE_PATH_$suffix, or name inputs after --"
fi
if [[ $has_output == no && -n $(setting "OUTPUT_DIR_$suffix") ]]; then
  output=$(setting "OUTPUT_DIR_$suffix")
  options+=(--output "${output%/}/")
fi

# The rates of .env and the environment as options: a driver elsewhere has neither. In the order of their names. What is
# no decimal is somebody else's variable, and one of all tasks is the option's alone, as docs/settings.md has it.
rates=()
while IFS= read -r name; do
  if [[ -n $name && $name != 'RATE_*' && ${settings[$name]} =~ ^([0-9]+\.?[0-9]*|\.[0-9]+)$ ]]; then
    rates+=(--rate "${name#RATE_}=${settings[$name]}")
  elif [[ -n $name ]]; then
    printf 'submit.sh: %s is no rate and is passed over\n' "$name" >&2
  fi
done < <(printf '%s\n' "${!settings[@]}" | grep '^RATE_' | LC_ALL=C sort)

# Spark's options that all clusters have.
of_spark=()
add_conf() {
  local one
  for one; do of_spark+=(--conf "$one"); done
}

set_master() {
  local master
  master=$(setting "SPARK_MASTER_URL_$suffix" "$1")
  [[ -n $master ]] || fail "SPARK_MASTER_URL_$suffix: not set"
  of_spark=(--master "$master" --deploy-mode "$2" --name billing
    --driver-memory "$(setting SPARK_DRIVER_MEMORY 1g)"
    --executor-cores "$(setting SPARK_EXECUTOR_CORES 1)" --executor-memory "$(setting SPARK_EXECUTOR_MEMORY 1g)")
}

grow_and_shrink() {
  add_conf spark.dynamicAllocation.enabled=true spark.dynamicAllocation.shuffleTracking.enabled=true \
    spark.dynamicAllocation.minExecutors=2 spark.dynamicAllocation.maxExecutors=10
}

case $environment in
  naive)
    export ENVIRONMENT=naive
    program=${BILLING:-billing}
    ;;
  local)
    set_master spark://127.0.0.1:7077 client
    executors=$(setting SPARK_NUM_EXECUTORS 3)
    # A standalone cluster deals out cores until there are so many in all.
    of_spark+=(--num-executors "$executors")
    of_spark+=(--total-executor-cores "$((executors * $(setting SPARK_EXECUTOR_CORES 1)))")
    add_conf spark.dynamicAllocation.enabled=false spark.eventLog.enabled=true \
      "spark.eventLog.dir=file://$(run_folder)/events"
    if [[ ${of_spark[1]} == spark://127.0.0.1:* ]]; then
      add_conf spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1
    fi
    job=$(setting SPARK_JOB "$deploy/job.py")
    ;;
  kub)
    set_master "" cluster
    grow_and_shrink
    image=$(setting SPARK_IMAGE)
    [[ -n $image ]] || fail "SPARK_IMAGE: not set; it names an image with Spark, the package and its jars"
    add_conf "spark.kubernetes.container.image=$image" \
      "spark.kubernetes.namespace=$(setting SPARK_NAMESPACE default)"
    job=$(setting SPARK_JOB local:///opt/billing/job.py)
    ;;
  aws)
    set_master yarn cluster
    grow_and_shrink
    if [[ -n $(setting SPARK_ARCHIVE) ]]; then
      of_spark+=(--archives "$(setting SPARK_ARCHIVE)#billing_wheel")
      add_conf spark.executorEnv.PYTHONPATH=./billing_wheel spark.yarn.appMasterEnv.PYTHONPATH=./billing_wheel
    fi
    job=$(setting SPARK_JOB "$deploy/job.py")
    ;;
esac

if [[ $environment == naive ]]; then
  command=("$program" aggregate)
  if [[ $env_file != .env ]]; then command+=(--env-file "$env_file"); fi
  command+=("${options[@]}" "${inputs[@]}")
else
  if [[ $dry_run == no ]]; then
    find_spark
    export PYSPARK_PYTHON=${PYSPARK_PYTHON:-$python}
    [[ $environment != local ]] || mkdir -p -- "$(run_folder)/events"
  fi
  command=("${SPARK_HOME:-\$SPARK_HOME}/bin/spark-submit" "${of_spark[@]}" "$job" bill)
  if [[ $environment == local ]]; then
    if [[ $env_file != .env ]]; then command+=(--env-file "$env_file"); fi
  else
    command+=("${rates[@]}")
  fi
  command+=("${options[@]}" "${inputs[@]}")
fi

if [[ $dry_run == yes ]]; then
  # An option and its value a line.
  printf '%s' "${command[0]}"
  for word in "${command[@]:1}"; do
    if [[ $word == --* || $word == "${job:-}" ]]; then printf ' \\\n '; fi
    printf ' %q' "$word"
  done
  printf '\n'
  exit
fi
exec "${command[@]}"
