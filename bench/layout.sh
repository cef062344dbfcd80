#!/usr/bin/env bash
# Writes Fetcher/layout.txt: the methods that runs go through, the ones that take most instructions first. The compiler lays them next to each other in this order, so
# that a process touches fewer pages (bench/NOTES.md). A method that is not in it, or not in the program any more, does no harm.
#
#   bench/layout.sh
#
# Loopback only. Needs valgrind, nginx and openssl. To be run again when much has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for tool in valgrind strip; do
    command -v $tool >/dev/null || { echo "$0: $tool is missing" >&2; exit 2; }
done
. "$here/origin/small.sh"

dotnet publish "$here/../Fetcher" -c Release -r linux-x64 -p:StripSymbols=false -p:IlcOrderFile= -o "$dir/published" >&2
strip -g "$dir/published/fetcher"

# profile NAME PORT URLS OPTION...
profile() {
    seq -f "http://127.0.0.1:$2/%.0f.html" 1 "$3" >"$dir/urls"
    valgrind --tool=callgrind --callgrind-out-file="$dir/$1.out" "$dir/published/fetcher" "$dir/urls" "${@:4}" >/dev/null 2>"$dir/$1.log"
    callgrind_annotate --threshold=100 "$dir/$1.out"
}

# Names as the compiler has them: neither those of libraries of C nor of .NET's own runtime.
{
    profile http1 "$plain" 3000 --format ndjson
    profile http2 "$http2" 3000 --format table --http2-prior-knowledge
    profile uring "$plain" 3000 --format ndjson --mode io-uring
    profile saved "$plain" 1500 --format ndjson --header 'Connection: close' --sha256 --journal "$dir/journal" --output-dir "$dir/files"
} | sed -nE "s/^ *([0-9,]+) \([^)]*\) +\?\?\?:([A-Za-z_][A-Za-z0-9_<>.]*)('[0-9]+)?( \[.*)?$/\1 \2/p" | tr -d , \
    | awk '$2 !~ /^(Rh[A-Z]|Rhp)/ { cost[$2] += $1 } END { for (name in cost) print cost[name], name }' | sort -k1,1nr -k2 | cut -d ' ' -f 2 >"$dir/layout.txt"
[ "$(wc -l <"$dir/layout.txt")" -gt 1000 ] || { echo "$0: too few methods" >&2; exit 1; }
cp "$dir/layout.txt" "$here/../Fetcher/layout.txt"
wc -l "$here/../Fetcher/layout.txt"
