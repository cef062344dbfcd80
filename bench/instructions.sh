#!/usr/bin/env bash
# Counts what a URL costs in instructions of the native binary (the kernel's share is not in them), which no clock and no busy machine decides: callgrind's
# count of a run of 8,000 URLs less that of 2,000, divided by 6,000. 600-byte bodies over 64 kept connections, --format ndjson.
#
#   bench/instructions.sh path/to/fetcher              prints the figure
#   bench/instructions.sh path/to/fetcher --check      ends with 1 when it is more than 3 % above the figure in instructions.txt
#
# Needs valgrind and nginx. Loopback only; ends only what it started.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fetcher=${1:?usage: $0 FETCHER [--check]}
few=2000 many=8000 most_above=3

for tool in valgrind nginx python3; do
    command -v $tool >/dev/null || { echo "$0: $tool is missing" >&2; exit 2; }
done

dir=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }
    rm -rf "$dir"
}
trap finish EXIT

# Alone, since valgrind fails on the debug symbols that lie beside it.
cp "$fetcher" "$dir/fetcher"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir "$dir/www"
head -c 600 /dev/zero | tr '\0' x >"$dir/www/page"
user=''
[ "$(id -u)" -ne 0 ] || user='user root;'
cat >"$dir/nginx.conf" <<CONF
daemon off; $user worker_processes 1; pid $dir/pid; error_log $dir/error.log;
events { worker_connections 512; }
http {
    access_log off; root $dir/www; default_type text/html; sendfile on; keepalive_requests 100000000; open_file_cache max=10;
    client_body_temp_path $dir/1; proxy_temp_path $dir/2; fastcgi_temp_path $dir/3; uwsgi_temp_path $dir/4; scgi_temp_path $dir/5;
    server { listen 127.0.0.1:$port backlog=512; location / { try_files \$uri /page; } }
}
CONF
nginx -c "$dir/nginx.conf" 2>"$dir/start.log" &
server=$!
for _ in $(seq 200); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    kill -0 "$server" 2>/dev/null || { cat "$dir/start.log" "$dir/error.log" >&2; exit 2; }
    sleep 0.05
done

# instructions URLS: how many a run of so many URLs takes. The environment is fixed, since its length moves the stack.
instructions() {
    seq -f "http://127.0.0.1:$port/%g" 1 "$1" >"$dir/urls"
    env -i PATH="$PATH" HOME="$dir" TMPDIR="$dir" valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$dir/fetcher" "$dir/urls" --format ndjson --concurrency 64 >"$dir/out" 2>"$dir/valgrind.log" || { tail -n 20 "$dir/valgrind.log" >&2; return 1; }
    [ "$(grep -c '"ok":true' "$dir/out")" -eq "$1" ] || { echo "$0: not all of $1 URLs were fetched" >&2; return 1; }
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$dir/valgrind.log"
}

less=$(instructions $few)
more=$(instructions $many)
figure=$(((more - less) / (many - few)))
echo "$figure instructions a URL"
[ "${2:-}" = --check ] || exit 0

known=$(grep -v '^#' "$here/instructions.txt")
limit=$((known * (100 + most_above) / 100))
[ "$figure" -le "$limit" ] || { echo "$0: more than $limit, which is $most_above % above the $known of instructions.txt" >&2; exit 1; }
