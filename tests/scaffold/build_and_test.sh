#!/usr/bin/env bash
# build_and_test.sh CMAKE BUILD_DIR TORCH_ROOT
# Installs a build without its libtorch, which is linked to instead of copied, and then begins, builds
# and tests a plugin of each kind in a clean folder.
set -euo pipefail

readonly cmake=$1 build=$2 torch=$3
folder=$(mktemp -d "${TMPDIR:-/tmp}/prumux-scaffold-XXXXXX")
readonly folder
trap 'rm -rf "$folder"' EXIT

"$cmake" --install "$build" --prefix "$folder/prefix" --component Unspecified >"$folder/install.log"
mkdir -p "$folder/prefix/lib/prumux"
ln -s "$torch" "$folder/prefix/lib/prumux/torch"
readonly prumux=$folder/prefix/bin/prumux

# One log a kind; nothing of this tree is in the environment.
make_plugin() {
  local kind=$1 name=$2
  "$prumux" plugins new "$kind" "$name" "$folder/$name"
  "$cmake" -G Ninja -S "$folder/$name" -B "$folder/$name/build" \
    -DCMAKE_PREFIX_PATH="$folder/prefix" -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)"
  "$cmake" --build "$folder/$name/build" -j 1
  ctest --test-dir "$folder/$name/build" --output-on-failure
  "$prumux" plugins check "$folder/$name/build/lib$name.so"
}

export OMP_NUM_THREADS=1 PRUMUX_CACHE=$folder/cache
failed=0
declare -A running
for kind in compressor multiplexer performance-model; do
  make_plugin "$kind" "my_${kind//-/_}" >"$folder/$kind.log" 2>&1 &
  running[$kind]=$!
done
for kind in "${!running[@]}"; do
  if ! wait "${running[$kind]}"; then
    echo "=== the generated $kind failed ==="
    cat "$folder/$kind.log"
    failed=1
  fi
done
exit "$failed"
