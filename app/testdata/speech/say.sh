#!/bin/sh
# say.sh TEXT OUT.wav: has espeak-ng speak the lines of TEXT, each as an utterance of its own with a pause behind it.
# Needs espeak-ng and sox (apt-get install espeak-ng sox).
set -eu
[ $# = 2 ] || { echo "usage: say.sh TEXT OUT.wav" >&2; exit 2; }
for tool in espeak-ng sox; do
	command -v "$tool" >/dev/null || { echo "$tool is missing; apt-get install espeak-ng sox" >&2; exit 3; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=1000
while IFS= read -r line || [ -n "$line" ]; do
	[ -n "$line" ] || continue
	# Of seven voices at two speeds, this is the one that Whisper's smallest model hears best (one word in ten wrong).
	espeak-ng -v en-gb-x-rp -s 130 -w "$dir/line.wav" -- "$line"
	# 1.2 s of silence, so that the next line is a new utterance.
	sox "$dir/line.wav" -r 16000 -c 1 -b 16 "$dir/$n.wav" norm -3 pad 0.2 1.2
	n=$((n + 1))
done <"$1"
sox "$dir"/1*.wav "$2"
