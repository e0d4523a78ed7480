#!/usr/bin/env bash
#: HotMem: one door for everything a developer does.
#:
#:   ./build.sh run [ARGS]    set up whatever is missing, build, start (ARGS go to `hotmem run`)
#:   ./build.sh build         the program, at bin/hotmem
#:   ./build.sh native        whisper.cpp and llama.cpp, once per pin, into the cache
#:   ./build.sh models        compare the models with the hashes in assets/models.json (-update-models writes them, after a training)
#:   ./build.sh test          every test: engines, panel, Go with the race detector, training kit, browser, end to end
#:   ./build.sh check         format, vet, staticcheck, dead code, import table, types, the Mac's pure packages
#:   ./build.sh fuzz [TIME]   every fuzz target in turn, TIME each (30s)
#:   ./build.sh bench         Go benchmarks, then both clocks on the bundled recording
#:   ./build.sh eval [ARGS]   score the extractor on the tuning set (--by: relation by relation; --stream: also word by word, as it is spoken)
#:   ./build.sh partial       the table from which the caution with unfinished utterances is chosen, on held-out records
#:   ./build.sh rival GGUF    time a generative model beside the extractor, on the same sentences (extract/train/rival.py)
#:   ./build.sh train [ARGS]  train the extractor from the corpus
#:   ./build.sh app           lay the macOS bundle .build/HotMem.app (signed ad hoc on a Mac)
#:   ./build.sh env           the lines that plain `go build` needs: eval "$(./build.sh env)"
#:   ./build.sh help          this list
#:
#: Missing tools are installed with apt-get when root on Debian or Ubuntu; elsewhere their names are printed.
#: Caches live outside the checkout, in ${HOTMEM_CACHE:-~/.cache/hotmem}.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PATH="$PATH:/usr/local/go/bin:/opt/homebrew/bin"
cache=${HOTMEM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hotmem}
git() { command git -c safe.directory="$PWD" "$@"; } # a clone may belong to another user
version=$(git describe --tags --always --dirty 2>/dev/null || echo unknown)
pure="./audio ./asr ./extract ./graphstore ./ui ./assets" # build and vet for a Mac without its tools

# shellcheck source=native/tools.sh
. native/tools.sh

native() { tools; native/build.sh; }
env_lines() { native/build.sh env; }
engines() { native; eval "$(env_lines)"; export GOMP_SPINCOUNT=1000; } # see app/patience_linux.go; tests are no main

# panel: bundles the page when a source is newer than the bundle.
panel() {
  tools
  local stamp=ui/panel/node_modules/.package-lock.json
  if [ ! -e $stamp ] || [ ui/panel/package-lock.json -nt $stamp ]; then
    say "panel: install packages"
    (cd ui/panel && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json)
  fi
  if [ ! -e assets/panel/panel.js ] || [ -n "$(find ui/panel -path '*/node_modules' -prune -o -type f -newer assets/panel/panel.js -print)" ]; then
    say "panel: bundle"
    (cd ui/panel && npm run --silent build)
    touch assets/panel/panel.js
  fi
}

build() {
  engines
  panel
  say "build bin/hotmem"
  # The engines need AVX2 on x86 anyway.
  GOAMD64=v3 go build -trimpath -buildvcs=false -ldflags "-X main.version=$version" -o bin/hotmem ./app
}

models() { tools; go test -count=1 -v -run '^TestModels' ./assets ${1+"$1"}; }

run() { build; exec bin/hotmem run "$@"; }

# kit PYTHON-ARGS: runs Python with the training kit's pinned packages, from a virtual environment in the cache.
kit() {
  need python3=python3
  local want venv
  want=$(cksum <extract/train/requirements.txt | cut -d' ' -f1)
  venv=$cache/kit-$want
  if [ ! -e "$venv/ready" ]; then
    say "training kit: install packages into $venv"
    python3 -m venv "$venv" 2>/dev/null || { need python3-venv-missing=python3-venv; python3 -m venv "$venv"; }
    "$venv/bin/pip" install -q -r extract/train/requirements.txt
    touch "$venv/ready"
  fi
  "$venv/bin/python" "$@"
}

train() { kit extract/train/train.py "$@"; }

eval_dev() {
  build
  need python3=python3
  mkdir -p .build
  python3 extract/train/compact.py dev extract/train/dev/*.txt >.build/dev.jsonl
  bin/hotmem eval .build/dev.jsonl "$@"
}

# partial reads the corpus as training does: sets in order, each with its own count of records.
partial() {
  build
  need python3=python3
  mkdir -p .build
  local set
  for set in $(printf '%s\n' extract/train/corpus/*-*.txt | sed 's|.*/||; s|-[^-]*$||' | LC_ALL=C sort -u); do
    (LC_ALL=C; python3 extract/train/compact.py "$set" extract/train/corpus/"$set"-[0-9]*.txt)
  done >.build/corpus.jsonl
  bin/hotmem eval --held --sweep .build/corpus.jsonl
}

# part NAME COMMAND...: a part of the tests. One that fails does not hide what the others say.
failed=""
part() {
  say "test: $1"
  "${@:2}" || failed="$failed, $1"
}

test_panel() { (cd ui/panel && HOTMEM_BIN=../../bin/hotmem SHOTS=../../.build/shots npm test --silent); }

test_all() {
  if [ "$(uname -s)" != Darwin ]; then
    need chromium=chromium espeak-ng=espeak-ng sox=sox pulseaudio=pulseaudio pactl=pulseaudio-utils dbus-daemon=dbus python3=python3
  fi
  build
  part "Go, with the race detector" go test -race -timeout 15m ./...
  part "the tray, whose library has a race of its own" go test -count=1 ./ui/tray
  part "training kit" python3 -m unittest discover -s extract/train -p 'test_*.py'
  part "panel, in a browser" test_panel
  [ -z "$failed" ] || die "failed: ${failed#, }"
  say "all tests passed"
}

check() {
  engines
  panel
  local bad
  say "gofmt";      bad=$(git ls-files -z '*.go' | xargs -0 gofmt -l); [ -z "$bad" ] || die "not formatted: $bad. Next step: gofmt -w"
  say "go mod tidy"; go mod tidy -diff
  say "go vet";      go vet ./...
  say "staticcheck"; go tool staticcheck ./...
  say "deadcode";    bad=$(go tool deadcode -test ./...); [ -z "$bad" ] || die "dead code: $bad"
  say "import table"; go test -count=1 -run '^TestArchitecture' ./app
  say "panel types"; (cd ui/panel && npm run --silent check)
  for arch in arm64 amd64; do
    say "the Mac's pure packages, $arch"
    # shellcheck disable=SC2086 # a list of packages
    CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go vet $pure && CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go build $pure
  done
  if command -v shellcheck >/dev/null; then say "shellcheck"; git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck -x -P SCRIPTDIR; fi
  say "all checks passed"
}

fuzz() {
  engines
  local file target
  git grep -l '^func Fuzz' -- '*_test.go' | while IFS= read -r file; do
    sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' "$file" | while IFS= read -r target; do
      say "$file $target"
      go test -run '^$' -fuzz "^$target\$" -fuzztime "${1:-30s}" "./$(dirname "$file")" </dev/null
    done
  done
}

bench() {
  build
  go test -run '^$' -bench . -benchmem ./...
  local data
  data=$(mktemp -d)
  for pace in fast real; do
    say "both clocks, pace $pace"
    bin/hotmem run --data "$data/$pace" --wav app/testdata/speech/*.wav --headless --exit --pace $pace | grep '"clock"'
  done
  rm -rf "$data"
  if [ -n "${HOTMEM_RIVAL:-}" ]; then rival "$HOTMEM_RIVAL"; else say "no generative model to compare with: HOTMEM_RIVAL=MODEL.gguf ./build.sh bench"; fi
}

# rival builds the generator from the same engines; it is no part of the program.
rival() {
  [ "$(uname -s)" != Darwin ] || die "rival runs on Linux only"
  build
  local prefix out=.build/rival
  prefix=$(native/build.sh prefix)
  mkdir -p $out
  cc -O2 -c -I"$prefix/include" native/rival.c -o $out/rival.o
  c++ $out/rival.o -o $out/rival -L"$prefix/lib" -lllama -lggml -lggml-cpu -lggml-base -fopenmp -lpthread -ldl -lm
  kit extract/train/rival.py "$@"
}

app() { build; native/bundle.sh bin/hotmem .build/HotMem.app "$version"; }

help() { sed -n 's/^#: \{0,1\}//p' build.sh; }

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
native | models | build | run | check | fuzz | partial | bench | rival | train | app | help) "$verb" "$@" ;;
test) test_all ;;
eval) eval_dev "$@" ;;
env) env_lines ;;
*) help >&2; die "unknown verb $verb" ;;
esac
