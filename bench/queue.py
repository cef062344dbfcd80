"""Measures what sharing a list costs: CPU a URL of a worker beside plain fetcher on the same list, CPU a URL of the engine, and the engine's memory for a list.

usage: queue.py FETCHER          ROUNDS=5 URLS=100000 HOSTS=50 QUEUED=1000000

Loopback only; ends only what it started. The client is on core 0, the origin, the engine and the collector on core 1. Rounds go through both in turn; figures
are medians. The last column is what was aimed at; a missed target is only printed.
"""
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

if len(sys.argv) != 2:
    sys.exit(__doc__)
FETCHER = os.path.abspath(sys.argv[1])
ROUNDS, URLS, HOSTS, QUEUED = (int(os.environ.get(name, usual)) for name, usual in
                               (("ROUNDS", 5), ("URLS", 100_000), ("HOSTS", 50), ("QUEUED", 1_000_000)))
PAGE = 600
for tool in ("nginx", "redis-server", "redis-cli"):
    if shutil.which(tool) is None:
        sys.exit(f"{tool} is missing")

folder = tempfile.mkdtemp()
started = []


def start(core, *command, **options):
    process = subprocess.Popen(["taskset", "-c", str(core), *command], **options)
    started.append(process)
    return process


def cpu_of(process):
    """Waits for its end, and gives its CPU time in seconds."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    started.remove(process)
    if process.returncode != 0:
        sys.exit(f"{process.args} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def await_port(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)


class Engine:
    def __init__(self):
        self.port, self.folder = free_port(), tempfile.mkdtemp(dir=folder)
        self.process = start(1, "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder, "--save", "", "--appendonly", "yes",
                             stdout=subprocess.DEVNULL)
        await_port(self.port)

    def info(self, section):
        text = subprocess.run(["redis-cli", "-p", str(self.port), "info", section], capture_output=True, text=True, check=True).stdout
        return dict(line.split(":", 1) for line in text.split() if ":" in line)

    def cpu(self):
        info = self.info("cpu")
        return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])

    def memory(self):
        return int(self.info("memory")["used_memory"])

    def url(self, job):
        return f"redis://127.0.0.1:{self.port}/{job}"

    def end(self):
        self.process.kill()
        self.process.wait()
        started.remove(self.process)


def start_origin():
    port = free_port()
    with open(f"{folder}/nginx.conf", "w") as conf:
        user = "user root;" if os.getuid() == 0 else ""
        conf.write(f"""daemon off; {user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
            events {{ worker_connections 4096; }}
            http {{ access_log off; keepalive_requests 100000000; default_type text/html;
                server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200 "{'x' * PAGE}"; }} }} }}""")
    start(1, "nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log")
    await_port(port)
    return ["--connect-to", f"::127.0.0.1:{port}"]


def lines(path):
    with open(path) as file:
        return sum(1 for _ in file)


def median(values):
    return statistics.median(values) if values else float("nan")


def queued(urls):
    """Bytes that the engine needs for a list, and the mean length of its URLs."""
    engine, path = Engine(), f"{folder}/queued"
    with open(path, "w") as file:
        file.writelines(f"{url}\n" for url in urls)
    length, empty = os.path.getsize(path) / QUEUED - 1, engine.memory()
    cpu_of(start(1, FETCHER, "enqueue", path, "--queue", engine.url("queued"), "-q"))
    needed = engine.memory() - empty
    engine.end()
    return needed, length


def alike():
    """URLs as those of a few kinds of pages."""
    return (f"https://www.site{i * 7919 % 20000}.example/section/{i % 100}/article-{i}.html?reference=front-page" for i in range(QUEUED))


def random_words():
    """URLs of 70 bytes whose paths are words of 4 to 9 random letters, so that hardly two have a word in common."""
    source = random.Random(1)

    def word():
        return "".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(4, 9)))

    for _ in range(QUEUED):
        url = f"https://www.site{source.randrange(20000)}.example/"
        while len(url) < 65:
            url += word() + source.choice("/-")
        yield url[:65] + ".html"


def random_letters():
    """URLs of 72 bytes, 43 of which no packing brings below 32."""
    source, letters = random.Random(1), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    return (f"https://www.site{source.randrange(20000)}.example/{''.join(source.choices(letters, k=43))}" for _ in range(QUEUED))


def run():
    origin, engine = start_origin(), Engine()
    urls, out = f"{folder}/urls", f"{folder}/out"
    with open(urls, "w") as file:
        file.writelines(f"http://site{i % HOSTS}.example/section/{i % 97}/article-{i}.html\n" for i in range(URLS))
    plain, worker, ratios, parts = [], [], [], {"enqueue": [], "work": [], "all": []}
    for round_ in range(ROUNDS):
        with open(out, "w") as output:
            plain.append(cpu_of(start(0, FETCHER, urls, "--format", "ndjson", "-q", *origin, stdout=output)) / URLS * 1e6)
        assert lines(out) == URLS
        queue = ["--queue", engine.url(f"job{round_}"), "-q"]
        before = engine.cpu()
        cpu_of(start(1, FETCHER, "enqueue", urls, *queue))
        enqueued = engine.cpu()
        with open(out, "w") as output:
            collector = start(1, FETCHER, "collect", *queue, "--format", "ndjson", stdout=output)
            worker.append(cpu_of(start(0, FETCHER, "worker", *queue, *origin)) / URLS * 1e6)
            cpu_of(collector)
        assert lines(out) == URLS
        after = engine.cpu()
        parts["enqueue"].append((enqueued - before) / URLS * 1e6)
        parts["work"].append((after - enqueued) / URLS * 1e6)
        parts["all"].append((after - before) / URLS * 1e6)
        ratios.append(worker[-1] / plain[-1])
        print(f"round {round_}: plain {plain[-1]:.2f}, worker {worker[-1]:.2f}, engine {parts['all'][-1]:.2f} us a URL", file=sys.stderr)
        subprocess.run([FETCHER, "purge", *queue[:2]], check=True)
    engine.end()

    # Results that nobody collects, and a list that nobody fetches.
    engine = Engine()
    queue = ["--queue", engine.url("unread"), "-q"]
    cpu_of(start(1, FETCHER, "enqueue", urls, *queue))
    cpu_of(start(0, FETCHER, "worker", *queue, *origin))
    unread = engine.memory() / URLS * 1e6
    engine.end()
    lists = [(name, *queued(list_)) for name, list_ in (("", alike()), (", of random words", random_words()), (", of random letters", random_letters()))]

    print(f"| {URLS:,} URLs of {HOSTS:,} hosts, {PAGE} bytes each; medians of {ROUNDS} rounds | | aimed at |\n|---|--:|--:|")
    print(f"| plain fetcher, `--format ndjson`: CPU a URL | {median(plain):.2f} us | |")
    print(f"| worker: CPU a URL | {median(worker):.2f} us | |")
    print(f"| worker to plain, in the same round | {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) | 1.40 |")
    print(f"| engine, a list is put in: CPU a URL | {median(parts['enqueue']):.2f} us | |")
    print(f"| engine, it is fetched and collected: CPU a URL | {median(parts['work']):.2f} us | |")
    print(f"| engine, both | {median(parts['all']):.2f} us | 3.00 us |")
    print(f"| engine, a million results that nobody has collected | {unread / 1e6:.0f} MB | |")
    for name, needed, length in lists:
        print(f"| engine, {QUEUED:,} URLs of {length:.0f} bytes queued{name} | {needed / 1e6:.1f} MB | 40 MB |")


try:
    run()
finally:
    # Killed, nginx would leave its worker behind.
    for process in started:
        process.terminate()
        process.wait()
    shutil.rmtree(folder)
