# shellcheck shell=bash
# Sourced by build.sh: the tools that a build needs, and how to get them.

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# need TOOL=PACKAGE...: installs the packages whose tools are missing, or says which they are.
need() {
  local pair missing=""
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing="$missing ${pair#*=}"
  done
  [ -n "$missing" ] || return 0
  if [ "$(uname -s)" = Darwin ]; then die "missing:$missing. Next step: xcode-select --install; brew install$missing"; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    die "missing:$missing. Next step: install them, on Debian or Ubuntu: sudo apt-get install$missing"
  fi
  say "apt-get install$missing"
  apt-get update -q >/dev/null
  # shellcheck disable=SC2086 # a list of names
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >/dev/null
}

tools() {
  command -v go >/dev/null || die "missing: Go $(sed -n 's/^go //p' go.mod). Next step: install it from https://go.dev/dl, then run this again"
  if [ "$(uname -s)" = Darwin ]; then
    need c++=xcode cmake=cmake ninja=ninja git=git npm=node
  else
    need c++=g++ cmake=cmake ninja=ninja-build git=git node=nodejs npm=npm
  fi
  node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
    die "Node.js $(node --version) is too old for the panel's tools. Next step: install version 20 or newer (https://nodejs.org), then run this again"
}
