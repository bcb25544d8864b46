# Sourced by start.sh, submit.sh and stop.sh: settings of .env (below those of the environment), and where things are.

deploy=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)
root=$(cd -- "$deploy/../.." >/dev/null && pwd)
env_file=.env
declare -A settings=()

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 2
}

# The value of a line of .env as the program reads it: in quotes, or up to a comment.
value_of_line() {
  local value=$1
  case $value in
    \'* | \"*)
      local quote=${value:0:1}
      [[ ${value:1} == *"$quote"* ]] || fail "$env_file: a quote is not closed: $1"
      value=${value:1} value=${value%%"$quote"*}
      ;;
    *) value=${value%%[[:space:]]#*} value=${value%"${value##*[![:space:]]}"} ;;
  esac
  printf '%s' "$value"
}

# Fills `settings` with the file's and the environment's variables; the environment wins.
read_settings() {
  local line name
  local key='RATE_"[^"]*"|RATE_[^=]*[^=[:space:]]|[A-Z][A-Z0-9_]*'
  local assignment="^[[:space:]]*(export[[:space:]]+)?($key)[[:space:]]*=[[:space:]]*(.*)\$"
  if [[ -e $env_file ]]; then
    while IFS= read -r line || [[ -n $line ]]; do
      line=${line#$'\xef\xbb\xbf'} line=${line%$'\r'}
      [[ $line =~ $assignment ]] || continue
      name=${BASH_REMATCH[2]//\"/}
      settings[$name]=$(value_of_line "${BASH_REMATCH[3]}")
    done <"$env_file"
  elif [[ $env_file != .env ]]; then
    fail "$env_file: no such file"
  fi
  while IFS= read -r -d '' line; do
    name=${line%%=*}
    case $name in
      RATE_* | SPARK_* | LOG_SOURCE_PATH_* | OUTPUT_DIR_* | ENVIRONMENT) settings[$name]=${line#*=} ;;
    esac
  done < <(env -0)
}

# A setting, or what stands in its place.
setting() {
  printf '%s' "${settings[$1]:-${2:-}}"
}

# The Spark of SPARK_HOME, else that of pyspark in the Python in use.
find_spark() {
  python=$(setting SPARK_PYTHON python3)
  SPARK_HOME=$(setting SPARK_HOME)
  if [[ -z $SPARK_HOME ]]; then
    SPARK_HOME=$("$python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))' 2>/dev/null) ||
      fail "$python has no pyspark: pip install './python[spark]', or name a Spark by SPARK_HOME"
  fi
  [[ -x $SPARK_HOME/bin/spark-class ]] || fail "SPARK_HOME: there is no bin/spark-class in $SPARK_HOME"
  export SPARK_HOME
}

# Where start.sh keeps logs, events and the ids of what it started.
run_folder() {
  local folder
  folder=$(setting SPARK_RUN_DIR "$root/build/spark")
  [[ $folder == /* ]] || folder=$PWD/$folder
  printf '%s' "$folder"
}

# When a process started, in ticks since the boot: with its id it names a process that no other one is taken for.
start_of_process() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return
  # The name of the program, in brackets, may have spaces.
  read -ra stat <<<"${stat##*) }"
  printf '%s' "${stat[19]}"
}

# Whether the process that a file NAME.pid of start.sh names still runs.
is_running() {
  local pid started
  [[ -e $1 ]] || return
  read -r pid started <"$1"
  [[ -n $started && $(start_of_process "$pid") == "$started" ]]
}
