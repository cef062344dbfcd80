#!/usr/bin/env bash
# When does a blocking read hurt? 32 transfers at once from the lab, each answered after 50 ms and then paced by the
# kernel at 3 MiB/s: bodies within the receive window against bodies beyond it. Prints a markdown table of medians.
# Usage: bench/blocking-read.sh [path to the fetcher binary]; without one it is published first. Needs python3.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${ROUNDS:-3}
work=$(mktemp -d)
fetcher=${1:-$work/publish/fetcher}
[ $# -gt 0 ] || dotnet publish Fetcher -c Release -r linux-x64 -o "$work/publish" >"$work/log"

# The lab ends when its standard input does; the descriptor keeps it open until this script ends.
mkfifo "$work/stdin"
"$fetcher" lab --child <"$work/stdin" >"$work/lab" &
exec 9>"$work/stdin"
trap 'exec 9>&-; wait; rm -rf "$work"' EXIT
until [ -s "$work/lab" ]; do sleep 0.05; done
port=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["http"])' <"$work/lab")

# wall MODE BODY: seconds for 32 of 32.
wall() {
    "$fetcher" "http://127.0.0.1:$port/?body=$2&delay=0.05&pace=3145728" --count 32 --concurrency 32 --mode "$1" --format json |
        python3 -c 'import json, sys; s = json.load(sys.stdin)["summary"]; assert s["ok"] == 32, s; print(s["wall"])'
}

echo "| body | async | blocking-read | ratio |"
echo "|--:|--:|--:|--:|"
for body in 10240 131072 196608 262144 524288 1048576; do
    : >"$work/figures"
    for _ in $(seq "$rounds"); do
        echo "$(wall async "$body") $(wall blocking-read "$body")" >>"$work/figures"
    done
    python3 - "$body" "$work/figures" <<'PY'
import statistics, sys
rows = [tuple(map(float, line.split())) for line in open(sys.argv[2])]
a, b = (statistics.median(column) for column in zip(*rows))
print(f"| {int(sys.argv[1]) // 1024} KiB | {a:.2f} s | {b:.2f} s | {statistics.median(y / x for x, y in rows):.1f} |")
PY
done
