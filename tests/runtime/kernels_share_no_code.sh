#!/usr/bin/env bash
# Arguments: object files, each compiled for one instruction set. Fails if one of them has code that
# the linker may take for another instruction set's: a processor without the first would stop there.
set -euo pipefail
shared=$(for object in "$@"; do
  isa=$(sed -E 's|.*prumux_kernels_([a-z0-9_]+)\.dir.*|\1|' <<<"$object")
  nm -C --defined-only "$object" | grep -E ' [Wu] ' | grep -v "kernels::$isa::" | sed "s|^|$isa: |" || true
done)
[[ -z $shared ]] || { printf 'shared between instruction sets:\n%s\n' "$shared"; exit 1; }
