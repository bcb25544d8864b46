#!/usr/bin/env bash
# Makes a bare Debian system of a release, copies the last commit into it and runs both commands of
# the README there, ./scripts/run.sh and ./scripts/test.sh:
#   check_debian.sh 12|13 [--compiler gcc|clang] [--only run|test] [--ccache]
# Says what failed. --ccache lends the system this machine's compiler cache, so that it compiles only
# what differs. Needs root and debootstrap; the system lives in a temporary folder (TMPDIR, else
# /var/tmp) until the script ends.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
quietly=$root/scripts/quietly.sh
compiler=gcc
commands=(run test)
ccache=

fail() {
  printf 'check_debian: %s\n' "$1" >&2
  exit "${2:-1}"
}

codename_of() {
  case "$1" in
    12) echo bookworm ;;
    13) echo trixie ;;
    *) fail "which Debian? 12 or 13" 2 ;;
  esac
}

read_options() {
  codename=$(codename_of "${1:-}")
  shift
  while (($# > 0)); do
    case "$1" in
      --compiler) compiler=${2:-} && shift ;;
      --only) commands=("${2:-}") && shift ;;
      --ccache) ccache=$(ccache --get-config cache_dir) || fail "there is no ccache here" 2 ;;
      *) fail "unknown option '$1'; see the head of this script" 2 ;;
    esac
    shift || fail "an option lacks its value" 2
  done
  [[ $compiler =~ ^(gcc|clang)$ ]] || fail "which compiler? gcc or clang" 2
  [[ ${commands[*]} =~ ^(run|test|run test)$ ]] || fail "which command? run or test" 2
}

# Where this machine gets its own packages from.
mirror() {
  local uri
  # shellcheck disable=SC2016  # apt fills this in.
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
    head -n 1)
  [[ -n $uri ]] || fail "apt names no mirror of Debian; apt-get update may help"
  printf '%s\n' "$uri"
}

# Runs a command inside. Its processes and mounts are of a namespace of their own, so that none
# outlives it.
inside() {
  local environment=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8)
  local name
  for name in http_proxy https_proxy no_proxy; do
    if [[ -n ${!name:-} ]]; then environment+=("$name=${!name}"); fi
  done
  if [[ $compiler == clang ]]; then environment+=(CC=clang CXX=clang++); fi
  # shellcheck disable=SC2016  # The shell inside the namespace fills these in.
  unshare --mount --pid --fork bash -euc '
    system=$1 ccache=$2
    shift 2
    mount --rbind /dev "$system/dev"
    mount -t proc proc "$system/proc"
    mount -t sysfs sysfs "$system/sys"
    if [[ -n $ccache ]]; then mount --bind "$ccache" "$system/root/.cache/ccache"; fi
    exec chroot "$system" env --chdir=/srv "$@"' inside \
    "$system" "$ccache" --ignore-environment "${environment[@]}" "$@"
}

make_system() {
  "$quietly" debootstrap --variant=minbase --include=git,ca-certificates "$codename" "$system" \
    "$(mirror)"
  cp -- /etc/resolv.conf /etc/hosts "$system/etc/"
  git clone --quiet --no-hardlinks -- "$root" "$system/srv/billing"
  mkdir -p "$system/root/.cache/ccache"
  local packages=()
  if [[ $compiler == clang ]]; then packages+=(clang); fi
  if [[ -n $ccache ]]; then packages+=(ccache); fi
  if ((${#packages[@]} > 0)); then
    inside billing/scripts/quietly.sh apt-get update
    inside DEBIAN_FRONTEND=noninteractive billing/scripts/quietly.sh apt-get install --yes \
      --no-install-recommends "${packages[@]}"
  fi
}

# The folder may hold mounts only of namespaces that are gone.
clean_up() {
  rm -rf --one-file-system -- "$system"
}

main() {
  local command failed=()
  read_options "$@"
  ((EUID == 0)) || fail "needs root, to change into the system that it makes"
  command -v debootstrap >/dev/null || fail "needs debootstrap: apt-get install debootstrap"
  [[ -z $(git -C "$root" status --porcelain) ]] ||
    echo "check_debian: changes that are not committed are left out" >&2

  system=$(mktemp -d -p "${TMPDIR:-/var/tmp}" billing_debian.XXXXXX)
  trap clean_up EXIT
  chmod 755 "$system" # tests also run the program as nobody
  make_system
  for command in "${commands[@]}"; do
    printf '== %s on %s with %s\n' "$command.sh" "$codename" "$compiler"
    inside "billing/scripts/$command.sh" || failed+=("$command.sh")
  done
  ((${#failed[@]} == 0)) || fail "on $codename with $compiler failed: ${failed[*]}"
  printf '== all passed on %s with %s\n' "$codename" "$compiler"
}

main "$@"
