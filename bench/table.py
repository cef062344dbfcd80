"""Prints the costs as markdown: medians over the rounds, and the median of the ratios to the first client within each round.

usage: table.py ROWS
"""
import collections
import statistics
import sys

TITLES = {
    "keep": "Small bodies over kept connections (600 bytes, 64 in flight)",
    "churn": "A connection for each request (600 bytes, 64 in flight)",
    "big": "Large bodies, dropped (256 MiB each)",
    "tls": "Large bodies over TLS, dropped (256 MiB each)",
    "handshake": "Full TLS handshakes, one for each request",
    "resume": "TLS handshakes where the origin offers resumption",
    "scale": "A list from a pipe",
    "slow": "All transfers at once, ten bytes in five seconds each",
    "start": "Whole processes",
    "uring64": "Readiness and completion, 64 in flight (600 bytes, kept connections)",
    "uring512": "Readiness and completion, 512 in flight (600 bytes, kept connections)",
    "loops": "Two event loops (not pinned; the origin has one core)",
}


def median(runs, of):
    return statistics.median(of(run) for run in runs)


def cpu(run):
    return run["cpu"] / run["units"]


def wall(run):
    return run["wall"] / run["units"]


def amount(seconds):
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


scenarios = collections.defaultdict(lambda: collections.defaultdict(list))
for line in open(sys.argv[1]):
    scenario, name, units, cpu_seconds, wall_seconds, rss, status, reused = line.rstrip("\n").split("\t")
    run = {"units": int(units), "cpu": float(cpu_seconds), "wall": float(wall_seconds), "rss": int(rss), "reused": int(reused)}
    run["good"] = status == "0" and run["units"] > 0
    scenarios[scenario][name].append(run)

failed = False
for scenario, clients in scenarios.items():
    base_name, base = next(iter(clients.items()))
    unit = "body" if scenario in ("big", "tls") else "run" if scenario == "start" else "URL"
    print(f"### {TITLES[scenario]}\n")
    resumed = " | resumed" if scenario == "resume" else ""
    print(f"| client | CPU a {unit} | to {base_name} | range | wall a {unit} | peak memory | good runs{resumed} |")
    print("|---|---:|---:|---|---:|---:|---:|" + ("---:|" if resumed else ""))
    for name, runs in clients.items():
        good = [run for run in runs if run["good"]]
        failed |= len(good) < len(runs)
        if not good:
            print(f"| {name} | failed | | | | | 0 of {len(runs)} |" + (" |" if resumed else ""))
            continue
        pairs = [cpu(run) / cpu(first) for run, first in zip(runs, base) if run["good"] and first["good"]]
        ratio = f"{statistics.median(pairs):.2f} | {min(pairs):.2f}-{max(pairs):.2f}" if pairs else " | "
        memory = median(good, lambda run: run["rss"]) / 1024
        cells = [name, amount(median(good, cpu)), ratio, amount(median(good, wall)), f"{memory:.1f} MiB", f"{len(good)} of {len(runs)}"]
        if resumed:
            cells.append(f"{median(good, lambda run: run['reused'] / run['units']):.0%}")
        print("| " + " | ".join(cells) + " |")
    print()
sys.exit(1 if failed else 0)
