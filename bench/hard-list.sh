#!/bin/bash
# A list of 20,000 URLs over 50 hosts on loopback, some dead, slow, flaky, rate-limited, redirecting, compressed or truncating: each URL has to have its
# one right result, in at most 1.3 of the time that an ideal schedule takes, and the same again with the run killed five times on the way.
# Usage: bench/hard-list.sh [URLS]
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build Fetcher.Tests -c Release -v quiet
HARD_LIST_URLS=${1:-20000} HARD_LIST_LOG=$log dotnet test --project Fetcher.Tests -c Release --no-build --filter-class '*HardListTests'
cat "$log"
