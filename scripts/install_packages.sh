#!/usr/bin/env bash
# Installs what is missing of the groups of packages.txt: install_packages.sh build test
# Does nothing, and quickly, when all is there. Never asks.
set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)

fail() {
  printf 'install_packages: %s\n' "$*" >&2
  exit 1
}

# The packages of one group; fails when there is no such group.
packages_of() {
  awk -v heading="[$1]" '
    { sub(/#.*/, ""); gsub(/[ \t\r]/, "") }
    /^\[/ { inside = $0 == heading; found = found || inside; next }
    inside && $0 != ""
    END { exit !found }
  ' "$scripts/packages.txt"
}

# Those of its arguments that are not installed.
missing_of() {
  local installed package
  # dpkg-query fails when it has never heard of one of them, and still tells of the others.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "installed $package" <<<"$installed" || printf '%s\n' "$package"
  done
}

install() {
  local sudo=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "needs root or sudo. Please install: apt-get install $*"
    sudo=(sudo)
  fi
  printf 'Installing %s\n' "$*" >&2
  # Another apt may be at work on a shared machine: wait for it a while.
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  "$scripts/quietly.sh" "${apt[@]}" update
  "$scripts/quietly.sh" "${apt[@]}" install --yes --no-install-recommends "$@"
}

main() {
  local group of_group wanted=() missing
  (($# > 0)) || fail "which groups of packages.txt?"
  for group in "$@"; do
    of_group=$(packages_of "$group") || fail "no group '$group' in packages.txt"
    mapfile -t -O "${#wanted[@]}" wanted <<<"$of_group"
  done
  if ! command -v dpkg-query >/dev/null; then
    # Elsewhere packages have other names: the build says what it does not find.
    printf 'install_packages: no Debian; taking these to be there: %s\n' "${wanted[*]}" >&2
    return
  fi
  mapfile -t missing < <(missing_of "${wanted[@]}" | sort -u)
  if ((${#missing[@]} > 0)); then install "${missing[@]}"; fi
}

main "$@"
