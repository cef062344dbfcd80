#!/usr/bin/env bash
# Counts what a URL costs in instructions of the native binary (the kernel's share is not in them), which no clock and no busy machine decides: callgrind's
# count of a run of 10,000 URLs less that of 4,000, divided by 6,000. 600-byte bodies over 64 kept connections, --format ndjson.
#
#   bench/instructions.sh path/to/fetcher              prints the figure
#   bench/instructions.sh path/to/fetcher --check      ends with 1 when it is more than 3 % above the figure in instructions.txt
#
# Needs valgrind and Python. Loopback only; ends only what it started.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fetcher=${1:?usage: $0 FETCHER [--check]}
few=4000 many=10000 most_above=3

for tool in valgrind python3; do
    command -v $tool >/dev/null || { echo "$0: $tool is missing" >&2; exit 2; }
done

dir=$(mktemp -d)
origin=
finish() {
    [ -z "$origin" ] || { kill "$origin" 2>/dev/null && wait "$origin" 2>/dev/null || true; }
    rm -rf "$dir"
}
trap finish EXIT

# Alone, since valgrind fails on the debug symbols that lie beside it.
cp "$fetcher" "$dir/fetcher"

# An origin whose answers never differ, not even in their Date: a head that is not the one before is read anew.
cat >"$dir/origin.py" <<'PY'
import asyncio

BODY = b"x" * 600
RESPONSE = (b"HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nContent-Type: text/html\r\nContent-Length: 600\r\n"
            b"Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT\r\nConnection: keep-alive\r\nETag: \"386d4380-258\"\r\nAccept-Ranges: bytes\r\n\r\n" + BODY)


class Origin(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        *requests, self.rest = (self.rest + data).split(b"\r\n\r\n")
        self.transport.write(RESPONSE * len(requests))


async def main():
    server = await asyncio.get_running_loop().create_server(Origin, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
PY
mkfifo "$dir/port"
python3 "$dir/origin.py" >"$dir/port" &
origin=$!
read -r port <"$dir/port"

# instructions URLS: how many a run of so many URLs takes. The environment is fixed, since its length moves the stack, and so is
# the youngest generation's size: by the processor's cache, a collection falls into the longer run on one machine and not on another.
instructions() {
    seq -f "http://127.0.0.1:$port/%.0f" 1 "$1" >"$dir/urls"
    env -i PATH="$PATH" HOME="$dir" TMPDIR="$dir" DOTNET_GCgen0size=4000000 valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$dir/fetcher" "$dir/urls" --format ndjson --concurrency 64 >"$dir/out" 2>"$dir/valgrind.log" || { tail -n 20 "$dir/valgrind.log" >&2; return 1; }
    [ "$(grep -c '"ok":true' "$dir/out")" -eq "$1" ] || { echo "$0: not all of $1 URLs were fetched" >&2; return 1; }
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$dir/valgrind.log"
}

# least URLS: the smallest count of three runs. A thread that waits for another spins for a while, which only ever adds, by up to a tenth on a busy machine.
least() { for _ in 1 2 3; do instructions "$1" || return 1; done | sort -n | head -n 1; }

less=$(least $few)
more=$(least $many)
figure=$(((more - less) / (many - few)))
echo "$figure instructions a URL"
[ "${2:-}" = --check ] || exit 0

known=$(grep -v '^#' "$here/instructions.txt")
limit=$((known * (100 + most_above) / 100))
[ "$figure" -le "$limit" ] || { echo "$0: more than $limit, which is $most_above % above the $known of instructions.txt" >&2; exit 1; }
