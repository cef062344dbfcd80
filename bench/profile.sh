#!/usr/bin/env bash
# Writes Fetcher/profile.mibc: how often each branch of a method is taken, and which types are met, as the JIT compiler's instrumentation counts it in a few runs.
# The native compiler inlines by it and lays what is not taken aside (bench/NOTES.md). What it says of a method that has changed is left out; that does no harm.
#
#   bench/profile.sh
#
# Loopback only. Needs nginx and openssl. To be run again when much has changed, and layout.sh after it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/origin/small.sh"

dotnet build "$here/../Fetcher" -c Release -o "$dir/built" >&2
dotnet build "$here/profile" -c Release -o "$dir/tool" >&2

# count NAME URL URLS OPTION...: nothing is compiled ahead and nothing a second time, so that all of a run is counted.
count() {
    seq -f "$2/%.0f.html" 1 "$3" >"$dir/urls"
    DOTNET_ReadyToRun=0 DOTNET_TC_CallCounting=0 DOTNET_TC_QuickJitForLoops=1 DOTNET_OSR_HitLimit=7FFFFFFF \
        DOTNET_TieredPGO=1 DOTNET_TieredPGO_InstrumentOnlyHotCode=0 DOTNET_WritePGOData=1 DOTNET_PGODataPath="$dir/$1.txt" \
        "$dir/built/fetcher" "$dir/urls" "${@:4}" >"$dir/$1.out"
}

# The first counts most: what most runs do. A method has only so much room for what is inlined.
count ndjson "http://127.0.0.1:$plain" 200000 --format ndjson
count table "http://127.0.0.1:$plain" 4000
count stalls "http://127.0.0.1:$plain" 4000 --format ndjson --stalls
count http2 "http://127.0.0.1:$http2" 4000 --format ndjson --http2-prior-knowledge
count uring "http://127.0.0.1:$plain" 4000 --format ndjson --mode io-uring
count tls "https://127.0.0.1:$tls" 2000 --format ndjson --insecure
count closed "http://127.0.0.1:$plain" 2000 --format ndjson --header 'Connection: close'
count saved "http://127.0.0.1:$plain" 2000 --format ndjson --sha256 --journal "$dir/journal" --output-dir "$dir/files"

dotnet "$dir/tool/profile.dll" "$here/../Fetcher/profile.mibc" "$dir/built" "$dir"/{ndjson,table,stalls,http2,uring,tls,closed,saved}.txt
