#!/usr/bin/env bash
# Prints what CMake shall run the compiler with: compiler_launcher.sh FOLDER-OF-THE-SOURCES
# That is ccache where there is one, told that sources in another folder may be the same. Nothing in
# any other case; said all the same, so that a build from when there was a ccache does not look for it
# forever.
set -euo pipefail

ccache=$(command -v ccache) || exit 0
# Sloppiness: what ccache asks for before it caches anything that uses precompiled headers.
printf '%s;' env "CCACHE_BASEDIR=$1" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
printf '%s\n' "$ccache"
