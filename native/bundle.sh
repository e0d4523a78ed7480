#!/usr/bin/env bash
# Lays the macOS bundle: native/bundle.sh PROGRAM BUNDLE VERSION
#
# The tree is the same on every system, so that a test elsewhere can look at it; signing and the checks of Apple's own
# tools happen on a Mac only. With $SIGN_ID the signature is that identity's, with the hardened runtime; otherwise it is
# ad hoc, and macOS asks for the microphone again after each build (tccutil reset Microphone app.hotmem.HotMem).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$1 bundle=$2 version=$3

be32() { printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"; }

# An icns file is a row of pictures with a name and a length before each; ic09 is a PNG of 512 pixels.
icns() {
  local bytes
  bytes=$(wc -c <"$1")
  printf icns; be32 $((bytes + 16))
  printf ic09; be32 $((bytes + 8))
  cat "$1"
}

lay() {
  rm -rf "$bundle"
  mkdir -p "$bundle/Contents/MacOS" "$bundle/Contents/Resources/models"
  install -m 755 "$program" "$bundle/Contents/MacOS/hotmem"
  icns "$root/assets/icon/app-512.png" >"$bundle/Contents/Resources/HotMem.icns"
  install -m 644 "$root/LICENSE" "$root/NOTICE.md" "$bundle/Contents/Resources/"
  install -m 644 "$root"/assets/models/* "$bundle/Contents/Resources/models/"
  # 1.2.3 out of v1.2.3-4-gabc; what is no version number keeps the one in Info.plist.
  local number
  number=$(sed -nE 's/^v?([0-9]+(\.[0-9]+){1,2}).*/\1/p' <<<"$version")
  sed "/CFBundleShortVersionString/{n;s/<string>.*</<string>${number:-0.1.0}</;}" "$root/Info.plist" >"$bundle/Contents/Info.plist"
  printf 'APPL????' >"$bundle/Contents/PkgInfo"
}

sign() {
  plutil -lint "$bundle/Contents/Info.plist"
  local identity=${SIGN_ID:--} options=()
  [ "$identity" = - ] || options=(--options runtime --timestamp)
  codesign --force --sign "$identity" ${options[@]+"${options[@]}"} --entitlements "$root/native/HotMem.entitlements" "$bundle"
  codesign --verify --strict "$bundle"
}

lay
if [ "$(uname -s)" = Darwin ]; then sign; fi
echo "laid $bundle"
