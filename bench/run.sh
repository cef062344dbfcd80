#!/usr/bin/env bash
# Measures fetcher beside the floor and its peers, and prints the tables of bench/README.md.
#
#   bench/run.sh [SCENARIO...]     keep latency churn start big save files tls h2 h2tls h2big handshake resume scale slow loops uring stalls; all of
#                                  these unless named, and long, which takes minutes
#   ROUNDS=5 URLS=200000 FETCHER=path/to/fetcher bench/run.sh keep
#
# Loopback only. Ends only what it started. Clients run on core 0, origins on core 1. A run counts only when the origin sent exactly what was asked for.
# Begins nothing more after BUDGET seconds, so that all but long takes less than ten minutes; keep, churn, start and stalls run in every round, the others in the
# first two. Ends with 1 when a run failed; a missed target is only printed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ROUNDS=${ROUNDS:-5} URLS=${URLS:-200000} CHURN=${CHURN:-20000} FILES=${FILES:-100000} BIG=${BIG:-4} SCALE=${SCALE:-1000000} LONG=${LONG:-10000000} SLOW=${SLOW:-10000}
LATENCY=${LATENCY:-500} LIMIT=${LIMIT:-90}
BUDGET=${BUDGET:-420} OFTEN=${OFTEN:-keep churn start stalls}
PAGE=600 PAGE10=10240 BIGSIZE=$((256 * 1024 * 1024)) IN_FLIGHT=64 NAP=200 # in microseconds, the most that fetcher lets events gather
scenarios=${*:-keep latency churn start big save files tls h2 h2tls h2big handshake resume scale slow loops uring stalls}

for tool in python3 nginx curl openssl taskset; do
    command -v $tool >/dev/null || { echo "$0: $tool is missing" >&2; exit 2; }
done
[ "$(nproc)" -gt 1 ] || { echo "$0: two cores are needed, one for the client and one for the origin" >&2; exit 2; }
for scenario in $scenarios; do
    grep -q "^bench_$scenario()" "$0" || { echo "$0: no scenario '$scenario'" >&2; exit 2; }
done

dir=$(mktemp -d)
saved=$(mktemp -d -p /dev/shm)
ondisk=$(mktemp -d -p "${DISK:-$here}")
started=()
finish() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    rm -rf "$dir" "$saved" "$ondisk"
}
trap finish EXIT
has() { command -v "$1" >/dev/null; }
say() { printf '%s\n' "$*" >&2; }

build() {
    FETCHER=${FETCHER:-}
    if [ -z "$FETCHER" ]; then
        say "publishing fetcher"
        dotnet publish "$here/../Fetcher" -c Release -r linux-x64 -o "$dir/fetcher" >&2
        FETCHER=$dir/fetcher/fetcher
    fi
    HTTPCLIENT=${HTTPCLIENT:-}
    if [ -z "$HTTPCLIENT" ] && [[ " $scenarios " =~ " keep "|" h2 "|" h2tls " ]]; then
        say "publishing the HttpClient peer"
        dotnet publish "$here/httpclient" -c Release -r linux-x64 -o "$dir/httpclient" >&2
        HTTPCLIENT=$dir/httpclient/httpclient
    fi
    FLOOR=
    if has cc; then
        cc -O2 -o "$dir/floor" "$here/floor/floor.c" && FLOOR=$dir/floor
        cc -O2 -o "$dir/delay" "$here/origin/delay.c"
    fi
}

free_ports() {
    python3 - "$1" <<'PY'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held))
PY
}

start_origin() {
    read -r KEEP CLOSE TLS FULL RESUME H2 H2TLS LAB OTHERLAB DELAY < <(free_ports 10)
    mkdir -p "$dir/www"
    head -c $PAGE /dev/zero | tr '\0' x >"$dir/www/page"
    head -c $PAGE10 /dev/urandom >"$dir/www/page10"
    truncate -s $BIGSIZE "$dir/www/big"
    chmod 755 "$dir"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$dir/key.pem" -out "$dir/certificate.pem" 2>/dev/null
    local user=""
    [ "$(id -u)" = 0 ] && user="user root;"
    sed -e "s|@DIR@|$dir|g; s|@USER@|$user|; s|@CPUS@|10|; s|@KEEP@|$KEEP|; s|@CLOSE@|$CLOSE|; s|@TLS@|$TLS|; s|@FULL@|$FULL|; s|@RESUME@|$RESUME|; s|@H2@|$H2|; s|@H2TLS@|$H2TLS|" \
        "$here/origin/nginx.conf.in" >"$dir/nginx.conf"
    nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/nginx-error.log" &
    started+=($!)
    until curl -s -o /dev/null "http://127.0.0.1:$KEEP/"; do sleep 0.05; done
}

# run SCENARIO NAME UNITS BODY COMMAND...: one measured run. UNITS 0: as many as the origin sent (for clients that run by the clock).
# BODY: bytes of each body, or - when there is nothing to check.
run() {
    local scenario=$1 name=$2 units=$3 body=$4
    shift 4
    if [ "$body" != - ]; then sleep 0.5; : >"$dir/sent.log"; fi
    local pin=(taskset -c 0)
    [ "$scenario" = loops ] && pin=()
    python3 "$here/cost.py" "$dir/rows" "$scenario" "$name" "$units" "${OUTPUT:-$dir/out}" "$LIMIT" "${pin[@]}" "$@" <"${INPUT:-/dev/null}" 2>"$dir/err" || {
        say "$scenario $name failed: $(tail -n 2 "$dir/err")"
        return 0
    }
    if [ "$body" != - ]; then
        sleep 0.5
        python3 "$here/check.py" "$dir/rows" "$dir/sent.log" "$body"
    fi
}

list() { # list COUNT URL: the URL with 1..COUNT behind it, a line each
    awk -v n="$1" -v u="$2" 'BEGIN { for (i = 1; i <= n; i++) print u i }'
}

bench_keep() {
    local url=http://127.0.0.1:$KEEP/ few=$((URLS / 4))
    list "$URLS" "$url" >"$dir/urls"
    list "$few" "$url" >"$dir/few"
    [ -z "$FLOOR" ] || run keep floor "$URLS" $PAGE "$FLOOR" keep "$KEEP" "$URLS" $IN_FLIGHT /
    [ -z "$FLOOR" ] || run keep "floor, gathering" "$URLS" $PAGE "$FLOOR" keep "$KEEP" "$URLS" $IN_FLIGHT / $NAP
    run keep "fetcher --format ndjson" "$URLS" $PAGE "$FETCHER" "$dir/urls" --format ndjson -q
    run keep "fetcher --format table" "$URLS" $PAGE "$FETCHER" "$dir/urls" --format table -q
    ! has wrk || run keep wrk 0 $PAGE wrk -t1 -c$IN_FLIGHT -d2s "$url"
    ! has hey || run keep hey "$((few / IN_FLIGHT * IN_FLIGHT))" $PAGE hey -n "$few" -c $IN_FLIGHT "$url"
    ! has wget2 || run keep wget2 "$few" $PAGE wget2 -q --no-config --no-hsts --no-robots --tries=1 --max-threads=$IN_FLIGHT -O /dev/null -i "$dir/few"
    run keep "curl -Z" "$few" $PAGE curl -s -Z --parallel-max $IN_FLIGHT -o /dev/null "${url}[1-$few]"
    run keep HttpClient "$few" $PAGE "$HTTPCLIENT" "$dir/few" $IN_FLIGHT
}

# Time to the first byte with events gathering and without, some LATENCY milliseconds of each.
bench_latency() {
    local delay at_once count mode how
    [ -n "$FLOOR" ] || { say "latency: cc is missing"; return 0; }
    if [ -z "${delay_runs:-}" ]; then
        taskset -c 1 "$dir/delay" "$DELAY" &
        started+=($!)
        until curl -s -o /dev/null "http://127.0.0.1:$DELAY/0/"; do sleep 0.05; done
        delay_runs=yes
    fi
    for delay in 0 1000 10000; do
        for at_once in 1 8 64 512; do
            count=$((LATENCY * at_once * 1000 / (delay + 50)))
            list $((count < 200 ? 200 : count < 40000 ? count : 40000)) "http://127.0.0.1:$DELAY/$delay/" >"$dir/urls"
            for mode in async io-uring; do
                for how in gathering "at once"; do
                    run latency "$((delay / 1000)) ms, $at_once in flight, $mode, $how" "$(wc -l <"$dir/urls")" - \
                        env FETCHER_NO_GATHERING="${how#gathering}" "$FETCHER" "$dir/urls" --mode $mode --concurrency $at_once --format ndjson -q
                    python3 "$here/latency.py" "$dir/rows" "$dir/out"
                done
            done
        done
    done
}

bench_churn() {
    local url=http://127.0.0.1:$CLOSE/ few=$((CHURN / 4))
    list "$CHURN" "$url" >"$dir/urls"
    [ -z "$FLOOR" ] || run churn floor "$CHURN" $PAGE "$FLOOR" churn "$CLOSE" "$CHURN" $IN_FLIGHT /
    run churn fetcher "$CHURN" $PAGE "$FETCHER" "$dir/urls" --format ndjson -q
    run churn "curl -Z" "$few" $PAGE curl -s -Z --parallel-max $IN_FLIGHT -o /dev/null "${url}[1-$few]"
}

bench_big() {
    local url=http://127.0.0.1:$KEEP/big
    [ -z "$FLOOR" ] || run big floor "$BIG" $BIGSIZE "$FLOOR" big "$KEEP" "$BIG" 1 /big
    run big fetcher "$BIG" $BIGSIZE "$FETCHER" "$url" --count "$BIG" --concurrency 1 --format table -q
    run big curl "$BIG" $BIGSIZE curl -s -o /dev/null "${url}?[1-$BIG]"
}

bench_save() { # to memory (tmpfs)
    local url=http://127.0.0.1:$KEEP/big
    run save fetcher 2 $BIGSIZE "$FETCHER" "$url" --count 2 --concurrency 1 --output-dir "$saved/fetcher" --format table -q
    run save "curl -o" 2 $BIGSIZE curl -s --create-dirs -o "$saved/curl/#1" "${url}?[1-2]"
    rm -rf "${saved:?}"/*
}

# Many small bodies, each a file: to memory (tmpfs) and to a disk (DISK, a folder). Those on the disk stay to the end: ext4 makes no inode of one that was freed minutes
# ago, and searches past all of them for whoever makes a file next.
bench_files() {
    local where folder size path url
    for where in memory disk; do
        for size in $PAGE $PAGE10; do
            folder=$saved
            [ $where = memory ] || folder=$ondisk/$size.$round
            path=page
            [ "$size" = $PAGE ] || path=page10
            url=http://127.0.0.1:$KEEP/$path
            mkdir -p "$folder"
            list "$FILES" "$url?" >"$dir/urls"
            run "files$where$size" fetcher "$FILES" "$size" "$FETCHER" "$dir/urls" --output-dir "$folder/fetcher" --format ndjson -q
            rm -rf "${saved:?}"/*
            run "files$where$size" "curl -Z" "$FILES" "$size" curl -s -Z --parallel-max $IN_FLIGHT --create-dirs -o "$folder/curl/#1" "$url?[1-$FILES]"
            rm -rf "${saved:?}"/*
            ! has wget2 || run "files$where$size" wget2 "$FILES" "$size" wget2 -q --no-config --no-hsts --no-robots --tries=1 --max-threads=$IN_FLIGHT \
                -nd -P "$folder/wget2" -i "$dir/urls"
            rm -rf "${saved:?}"/*
        done
    done
}

bench_tls() {
    local url=https://localhost:$TLS/big
    run tls fetcher "$BIG" $BIGSIZE "$FETCHER" "$url" --count "$BIG" --concurrency 1 --cacert "$dir/certificate.pem" --format table -q
    run tls curl "$BIG" $BIGSIZE curl -s --http1.1 --cacert "$dir/certificate.pem" -o /dev/null "${url}?[1-$BIG]"
}

# Streams of one connection. curl 7.88 ends with 16 in a run of many without TLS, so it is not there.
bench_h2() {
    local few=$((URLS / 4)) h1=http://127.0.0.1:$KEEP/ h2=http://127.0.0.1:$H2/
    list "$URLS" "$h1" >"$dir/h1urls"
    list "$URLS" "$h2" >"$dir/urls"
    list "$few" "$h2" >"$dir/few"
    run h2 "fetcher --http1.1" "$URLS" $PAGE "$FETCHER" "$dir/h1urls" --http1.1 --format ndjson -q
    run h2 "fetcher HTTP/2" "$URLS" $PAGE "$FETCHER" "$dir/urls" --http2-prior-knowledge --format ndjson -q
    ! has h2load || run h2 h2load "$URLS" $PAGE h2load -n "$URLS" -c 1 -m $IN_FLIGHT "$h2"
    run h2 HttpClient "$few" $PAGE "$HTTPCLIENT" "$dir/few" $IN_FLIGHT 2
}

bench_h2tls() {
    local few=$((URLS / 4)) url=https://localhost:$H2TLS/ ca=$dir/certificate.pem
    list "$URLS" "$url" >"$dir/urls"
    list "$few" "$url" >"$dir/few"
    run h2tls "fetcher --http1.1" "$URLS" $PAGE "$FETCHER" "$dir/urls" --http1.1 --cacert "$ca" --format ndjson -q
    run h2tls "fetcher HTTP/2" "$URLS" $PAGE "$FETCHER" "$dir/urls" --http2 --cacert "$ca" --format ndjson -q
    ! has h2load || run h2tls h2load "$URLS" $PAGE h2load -n "$URLS" -c 1 -m $IN_FLIGHT "$url"
    run h2tls HttpClient "$few" $PAGE env SSL_CERT_FILE="$ca" "$HTTPCLIENT" "$dir/few" $IN_FLIGHT 2
    run h2tls "curl -Z" "$few" $PAGE curl -s -Z --http2 --parallel-max $IN_FLIGHT --cacert "$ca" -o /dev/null "${url}[1-$few]"
}

# curl 7.88 ends with 16 at the second body of a connection without TLS, so it gets a process for each.
bench_h2big() {
    local h2=http://127.0.0.1:$H2/big tls=https://localhost:$H2TLS/big ca=$dir/certificate.pem
    run h2big fetcher "$BIG" $BIGSIZE "$FETCHER" "$h2" --http2-prior-knowledge --count "$BIG" --concurrency 1 --format table -q
    run h2big curl "$BIG" $BIGSIZE sh -c "for i in \$(seq $BIG); do curl -s --http2-prior-knowledge -o /dev/null $h2; done"
    run h2big "fetcher, TLS" "$BIG" $BIGSIZE "$FETCHER" "$tls" --http2 --cacert "$ca" --count "$BIG" --concurrency 1 --format table -q
    run h2big "curl, TLS" "$BIG" $BIGSIZE curl -s --http2 --cacert "$ca" -o /dev/null "${tls}?[1-$BIG]"
}

bench_handshake() {
    local url=https://localhost:$FULL/ count=$((CHURN / 10))
    list "$count" "$url" >"$dir/urls"
    run handshake fetcher "$count" $PAGE "$FETCHER" "$dir/urls" --cacert "$dir/certificate.pem" --format table -q
    run handshake "curl -Z" "$count" $PAGE curl -s -Z --http1.1 --no-sessionid --parallel-max $IN_FLIGHT --cacert "$dir/certificate.pem" -o /dev/null "${url}[1-$count]"
}

bench_resume() {
    local url=https://localhost:$RESUME/ count=$((CHURN / 10))
    list "$count" "$url" >"$dir/urls"
    run resume fetcher "$count" $PAGE "$FETCHER" "$dir/urls" --cacert "$dir/certificate.pem" --format table -q
    run resume "curl -Z" "$count" $PAGE curl -s -Z --http1.1 --parallel-max $IN_FLIGHT --cacert "$dir/certificate.pem" -o /dev/null "${url}[1-$count]"
}

bench_scale() {
    local url=http://127.0.0.1:$KEEP/
    [ -p "$dir/pipe" ] || mkfifo "$dir/pipe"
    for count in $((SCALE / 100)) "$SCALE"; do
        list "$count" "$url" >"$dir/pipe" &
        INPUT=$dir/pipe run scale "fetcher, $count URLs" "$count" $PAGE "$FETCHER" - --format ndjson -q
        wait $! || true
    done
}

# Ten million URLs, and a hundredth and a tenth of them before and after: a run that long sees the machine's speed change.
bench_long() {
    local part
    [ -p "$dir/pipe" ] || mkfifo "$dir/pipe"
    for part in 100 10 1 10 100; do
        list $((LONG / part)) "http://127.0.0.1:$KEEP/" >"$dir/pipe" &
        INPUT=$dir/pipe OUTPUT=/dev/null LIMIT=1500 run long "fetcher, 1/$part of the URLs" $((LONG / part)) $PAGE \
            "$FETCHER" - --journal "$dir/journal" --format ndjson -q
        wait $! || true
        sed -i "\$ s/\$/\tjournal=$(stat -c %s "$dir/journal")/" "$dir/rows"
        rm "$dir/journal"
    done
}

bench_slow() {
    local port
    if [ -z "${lab_runs:-}" ]; then
        # A lab for each client: who connects to where another one has just closed 10,000 connections searches long for a free port.
        for port in "$LAB" "$OTHERLAB"; do
            taskset -c 1 "$FETCHER" lab --http-port "$port" >"$dir/lab.out" 2>&1 &
            started+=($!)
            until curl -s -o /dev/null "http://127.0.0.1:$port/bytes/1"; do sleep 0.05; done
        done
        lab_runs=yes
    fi
    local path="/drip?numbytes=10&duration=5&n="
    list "$SLOW" "http://127.0.0.1:$OTHERLAB$path" >"$dir/urls"
    [ -z "$FLOOR" ] || run slow floor "$SLOW" - "$FLOOR" keep "$LAB" "$SLOW" "$SLOW" "$path"
    run slow fetcher "$SLOW" - "$FETCHER" "$dir/urls" --concurrency "$SLOW" --read-timeout 60 --connect-timeout 60 --format table -q
    run slow "fetcher, one of them" 1 - "$FETCHER" "http://127.0.0.1:$OTHERLAB${path}1" --format table -q
}

bench_start() {
    local i
    for i in 1 2 3 4; do
        run start "fetcher --version" 1 - "$FETCHER" --version
        run start "curl --version" 1 - curl --version
        run start "fetcher URL" 1 - "$FETCHER" "http://127.0.0.1:$KEEP/" -q
        run start "curl URL" 1 - curl -s -o /dev/null -w '%{json}' "http://127.0.0.1:$KEEP/"
    done
}

bench_loops() {
    list "$URLS" "http://127.0.0.1:$KEEP/" >"$dir/urls"
    local mode loops
    for mode in async io-uring; do
        for loops in 1 2; do
            run loops "$mode, --loops $loops" "$URLS" $PAGE "$FETCHER" "$dir/urls" --mode $mode --loops $loops --format ndjson -q
        done
    done
}

bench_uring() {
    list "$URLS" "http://127.0.0.1:$KEEP/" >"$dir/urls"
    local at_once mode
    for at_once in 64 512; do
        for mode in async io-uring; do
            run "uring$at_once" "--mode $mode" "$URLS" $PAGE "$FETCHER" "$dir/urls" --mode "$mode" --concurrency "$at_once" --format ndjson -q
        done
        ! has wrk || run "uring$at_once" wrk 0 $PAGE wrk -t1 -c"$at_once" -d2s "http://127.0.0.1:$KEEP/"
    done
}

bench_stalls() { # what watching costs where it costs most
    list "$URLS" "http://127.0.0.1:$KEEP/" >"$dir/urls"
    run stalls fetcher "$URLS" $PAGE "$FETCHER" "$dir/urls" --format ndjson -q
    run stalls "fetcher --stalls" "$URLS" $PAGE "$FETCHER" "$dir/urls" --stalls --format ndjson -q
}

build
start_origin
begun=$SECONDS
for round in $(seq "$ROUNDS"); do
    for scenario in $scenarios; do
        if [ "$round" -gt 2 ] && [[ " $OFTEN " != *" $scenario "* ]]; then continue; fi
        if [ $((SECONDS - begun)) -gt "$BUDGET" ]; then
            say "round $round: no time left for $scenario"
            continue
        fi
        say "round $round: $scenario ($((SECONDS - begun)) s)"
        "bench_$scenario"
    done
done
python3 "$here/table.py" "$dir/rows"
