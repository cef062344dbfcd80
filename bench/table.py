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
    "save": "Large bodies, saved to memory (tmpfs, 256 MiB each)",
    "filesmemory600": "Small bodies, saved to memory (tmpfs, 600 bytes, 64 in flight)",
    "filesmemory10240": "Small bodies, saved to memory (tmpfs, 10 KiB, 64 in flight)",
    "filesdisk600": "Small bodies, saved to a disk (600 bytes, 64 in flight)",
    "filesdisk10240": "Small bodies, saved to a disk (10 KiB, 64 in flight)",
    "tls": "Large bodies over TLS, dropped (256 MiB each)",
    "h2": "HTTP/2 without TLS (600 bytes, 64 in flight; HTTP/1.1 has 64 connections, the others one)",
    "h2tls": "HTTP/2 over TLS (600 bytes, 64 in flight; HTTP/1.1 and curl as they choose)",
    "h2big": "Large bodies by HTTP/2, dropped (256 MiB each)",
    "handshake": "Full TLS handshakes, one for each request",
    "resume": "TLS handshakes where the origin offers resumption",
    "scale": "A list from a pipe",
    "slow": "All transfers at once, ten bytes in five seconds each",
    "start": "Whole processes",
    "uring64": "Readiness and completion, 64 in flight (600 bytes, kept connections)",
    "uring512": "Readiness and completion, 512 in flight (600 bytes, kept connections)",
    "stalls": "Watching for stalls (600 bytes, kept connections)",
    "loops": "Two event loops (not pinned; the origin has one core)",
    "latency": "Time to the first byte, with events gathering and without (600 bytes, kept connections, an origin that answers after so long)",
    "long": "Ten million URLs from a pipe, with a journal",
}


# Scenario, what is compared, whose, to whose, at most how many times as much. What is to hold in every run is the largest ratio, the others are medians.
TARGETS = [
    ("keep", "CPU a URL", "fetcher --format ndjson", "floor, gathering", 1.2),
    ("keep", "CPU a URL", "fetcher --format table", "floor, gathering", 1.1),
    ("keep", "CPU a URL in every run", "fetcher --format ndjson", "wrk", 1),
    ("keep", "CPU a URL", "fetcher --format ndjson", "wget2", 0.45),
    ("keep", "CPU a URL", "fetcher --format ndjson", "HttpClient", 0.4),
    ("keep", "CPU a URL", "fetcher --format ndjson", "curl -Z", 0.25),
    ("keep", "wall time a URL", "fetcher --format ndjson", "wrk", 1),
    ("uring64", "CPU a URL", "--mode io-uring", "--mode async", 0.85),
    ("uring64", "CPU a URL", "--mode io-uring", "wrk", 0.75),
    ("uring512", "CPU a URL", "--mode io-uring", "--mode async", 0.85),
    ("uring512", "CPU a URL", "--mode io-uring", "wrk", 0.75),
    ("churn", "CPU a URL", "fetcher", "floor", 1.2),
    ("churn", "CPU a URL", "fetcher", "curl -Z", 1),
    ("stalls", "CPU a URL", "fetcher --stalls", "fetcher", 1.1),
    ("big", "CPU a body", "fetcher", "floor", 1.2),
    ("save", "CPU a body", "fetcher", "curl -o", 1.1),
    ("tls", "CPU a body", "fetcher", "curl", 1.1),
    ("h2", "CPU a URL", "fetcher HTTP/2", "fetcher --http1.1", 0.6),
    ("h2", "CPU a URL", "fetcher HTTP/2", "h2load", 0.7),
    ("h2", "CPU a URL", "fetcher HTTP/2", "HttpClient", 0.4),
    ("h2tls", "CPU a URL", "fetcher HTTP/2", "fetcher --http1.1", 0.4),
    ("h2tls", "CPU a URL", "fetcher HTTP/2", "h2load", 0.85),
    ("h2tls", "CPU a URL", "fetcher HTTP/2", "curl -Z", 0.2),
    ("h2big", "CPU a body", "fetcher", "curl", 0.9),
    ("h2big", "CPU a body", "fetcher, TLS", "curl, TLS", 1.1),
    ("handshake", "wall time a URL", "fetcher", "curl -Z", 1),
    ("scale", "CPU a URL", "fetcher, 1000000 URLs", "fetcher, 10000 URLs", 1.05),
    ("slow", "CPU a URL", "fetcher", "floor", 1.1),
    ("loops", "CPU a URL", "async, --loops 2", "async, --loops 1", 1.03),
    ("loops", "CPU a URL", "io-uring, --loops 2", "io-uring, --loops 1", 1.03),
    ("long", "CPU a URL", "fetcher, 1/1 of the URLs", "fetcher, 1/100 of the URLs", 1.03),
    ("long", "peak memory", "fetcher, 1/1 of the URLs", "fetcher, 1/10 of the URLs", 1.05),
    ("start", "wall time", "fetcher --version", "curl --version", 1),
    ("start", "wall time", "fetcher URL", "curl URL", 1.5),
]

for files in ("filesmemory600", "filesmemory10240", "filesdisk600", "filesdisk10240"):
    for peer in ("curl -Z", "wget2"):
        TARGETS += [(files, "CPU a URL", "fetcher", peer, 0.6), (files, "wall time a URL", "fetcher", peer, 1)]

# Scenario, what, whose, at most how much, in which unit. 100 bytes of journal a URL are 1 GB of ten million.
AMOUNTS = [(files, "peak memory", "fetcher", 30, "MiB") for files in ("filesmemory600", "filesmemory10240", "filesdisk600", "filesdisk10240")]
AMOUNTS += [
    ("scale", "peak memory", "fetcher, 1000000 URLs", 40, "MiB"),
    ("slow", "memory a transfer", "fetcher", 6, "KiB"),
    ("long", "journal a URL", "fetcher, 1/1 of the URLs", 100, "bytes"),
]

# What gathering may cost: the median so many times that without, and the 99th percentile so many times the spread (to the median) later than without.
MOST_P50, MOST_P99 = 1.05, 1.0


def ratios(runs, bases, of):
    """The ratios within a round; of the medians, where one was run more often than the other in a round."""
    if len(runs) != len(bases):
        runs, bases = good_of(runs), good_of(bases)
        return [median(runs, of) / median(bases, of)] if runs and bases else []
    return [of(run) / of(base) for run, base in zip(runs, bases) if run["good"] and base["good"]]


def good_of(runs):
    return [run for run in runs if run["good"]]


def print_latency(clients):
    """The table of what gathering costs; returns the largest costs."""
    print("| answers after | p50, at once | gathering | ratio | p99, at once | gathering | later, in spreads | CPU a URL, ratio | |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
    p50, p99, worst = lambda run: float(run["p50"]), lambda run: float(run["p99"]), {}
    for name, runs in clients.items():
        case, _, how = name.rpartition(", ")
        pairs = [(run, base) for run, base in zip(runs, clients.get(case + ", at once", [])) if run["good"] and base["good"]]
        if how != "gathering" or not pairs:
            continue
        gathering, at_once = zip(*pairs)
        middle = statistics.median(p50(run) / p50(base) for run, base in pairs)
        late = statistics.median((p99(run) - p99(base)) / max(p99(base) - p50(base), 1e-6) for run, base in pairs)
        cells = [case, amount(median(at_once, p50)), amount(median(gathering, p50)), f"{middle:.2f}", amount(median(at_once, p99)),
                 amount(median(gathering, p99)), f"{late:.2f}", f"{statistics.median(ratios(gathering, at_once, cpu)):.2f}", verdict(middle <= MOST_P50 and late <= MOST_P99)]
        print("| " + " | ".join(cells) + " |")
        mode = case.rpartition(", ")[2]
        worst[mode] = tuple(map(max, worst.get(mode, (0, -99)), (middle, late)))
    print()
    return worst


def verdict(is_met):
    return "met" if is_met else "missed"


def print_targets(scenarios, worst):
    print("### Targets\n")
    print("| what | target | measured | |")
    print("|---|---:|---:|---|")
    for scenario, what, name, base, most in TARGETS:
        clients = scenarios.get(scenario, {})
        of = wall if what.startswith("wall") else resident if what.endswith("memory") else cpu
        pairs = ratios(clients.get(name, []), clients.get(base, []), of)
        if pairs:
            measured = max(pairs) if what.endswith("every run") else statistics.median(pairs)
            print(f"| {scenario}: {what}, {name} to {base} | {most:.2f} | {measured:.2f} | {verdict(measured <= most)} |")
    for mode, (middle, late) in worst.items():
        print(f"| latency: p50, {mode}, gathering to at once, the worst case | {MOST_P50:.2f} | {middle:.2f} | {verdict(middle <= MOST_P50)} |")
        print(f"| latency: p99, {mode}, later by gathering, in spreads, the worst case | {MOST_P99:.2f} | {late:.2f} | {verdict(late <= MOST_P99)} |")
    one = good_of(scenarios.get("slow", {}).get("fetcher, one of them", []))
    amounts = {
        "peak memory": resident,
        "memory a transfer": lambda run: (run["rss"] - median(one, lambda run: run["rss"])) / run["units"] if one else 0,
        "journal a URL": lambda run: int(run["journal"]) / run["units"],
    }
    for scenario, what, name, most, unit in AMOUNTS:
        good = good_of(scenarios.get(scenario, {}).get(name, []))
        if good:
            measured = median(good, amounts[what])
            print(f"| {scenario}: {what}, {name} | {most:.0f} {unit} | {measured:.1f} {unit} | {verdict(measured <= most)} |")
    print()


def median(runs, of):
    return statistics.median(of(run) for run in runs)


def cpu(run):
    return run["cpu"] / run["units"]


def wall(run):
    return run["wall"] / run["units"]


def resident(run):
    return run["rss"] / 1024


def amount(seconds):
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


scenarios = collections.defaultdict(lambda: collections.defaultdict(list))
for line in open(sys.argv[1]):
    scenario, name, units, cpu_seconds, wall_seconds, rss, status, *known = line.rstrip("\n").split("\t")
    run = {"units": int(units), "cpu": float(cpu_seconds), "wall": float(wall_seconds), "rss": int(rss), **dict(fact.split("=") for fact in known)}
    run["good"] = status == "0" and run["units"] > 0
    scenarios[scenario][name].append(run)

failed, worst = False, {}
for scenario, clients in scenarios.items():
    base_name, base = next(iter(clients.items()))
    unit = "body" if scenario in ("big", "save", "tls", "h2big") else "run" if scenario == "start" else "URL"
    print(f"### {TITLES[scenario]}\n")
    if scenario == "latency":
        failed |= not all(run["good"] for runs in clients.values() for run in runs)
        worst = print_latency(clients)
        continue
    resumed = " | resumed" if scenario == "resume" else ""
    print(f"| client | CPU a {unit} | to {base_name} | range | wall a {unit} | peak memory | good runs{resumed} |")
    print("|---|---:|---:|---|---:|---:|---:|" + ("---:|" if resumed else ""))
    for name, runs in clients.items():
        good = good_of(runs)
        failed |= len(good) < len(runs)
        if not good:
            print(f"| {name} | failed | | | | | 0 of {len(runs)} |" + (" |" if resumed else ""))
            continue
        pairs = ratios(runs, base, cpu)
        ratio = f"{statistics.median(pairs):.2f} | {min(pairs):.2f}-{max(pairs):.2f}" if pairs else " | "
        memory = median(good, resident)
        cells = [name, amount(median(good, cpu)), ratio, amount(median(good, wall)), f"{memory:.1f} MiB", f"{len(good)} of {len(runs)}"]
        if resumed:
            cells.append(f"{median(good, lambda run: int(run['reused']) / run['units']):.0%}")
        print("| " + " | ".join(cells) + " |")
    print()
print_targets(scenarios, worst)
sys.exit(1 if failed else 0)
