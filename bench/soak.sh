#!/usr/bin/env bash
# Runs fetcher among faulty servers, SECONDS_EACH (an hour) in each of two modes, and reconciles the books at the end: every URL has one result of the right
# kind, no request was sent that has none, descriptors and memory are where they were. Loopback only.
set -euo pipefail
cd "$(dirname "$0")/.."
export FETCHER_SOAK_SECONDS=${SECONDS_EACH:-3600}
dotnet build Fetcher.Tests -v quiet
Fetcher.Tests/bin/Debug/net10.0/Fetcher.Tests -class '*SoakTests' -showLiveOutput
