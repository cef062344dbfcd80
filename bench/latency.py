"""Puts median and 99th percentile of time_starttransfer behind the last row of the costs; without the transfers that made a connection.

usage: latency.py ROWS NDJSON
"""
import json
import sys

rows, output = sys.argv[1:]
with open(rows) as file:
    *before, last = file.read().splitlines()
fields = last.split("\t")
if fields[6] != "0":
    sys.exit()
with open(output) as lines:
    results = [json.loads(line) for line in lines]
times = sorted(result["time_starttransfer"] for result in results if result["ok"] and not result["num_connects"])
if sum(result["ok"] for result in results) != int(fields[2]) or not times:
    print(f"{fields[1]}: not all of {fields[2]} URLs were fetched", file=sys.stderr)
    fields[6] = "short"
else:
    fields += [f"p50={times[len(times) // 2]}", f"p99={times[len(times) * 99 // 100]}"]
with open(rows, "w") as file:
    print(*before, "\t".join(fields), sep="\n", file=file)
