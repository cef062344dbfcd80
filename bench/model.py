#!/usr/bin/env python3
"""Holds async and blocking-read against their models, on bodies that the lab's kernel paces, all requested at once, each on a connection of its own.

  async          takes as long as one such transfer takes alone.
  blocking-read  takes that for the first body, and for each one after it the time that the path needs, at its rate, for what has not been received yet:
                 while the loop stood in the reads before, the kernel went on receiving until its buffer was full. How much that is, is measured: a
                 client that receives once, as the loop does for the header section, and then no more, asks for FIONREAD until that stops growing.

usage: bench/model.py FETCHER     prints a markdown table of medians; ROUNDS=3, AT_ONCE=16, RATE=2097152 (bytes a second) in the environment
"""
import array
import fcntl
import json
import os
import socket
import statistics
import subprocess
import sys
import termios
import time

fetcher = sys.argv[1]
ROUNDS, AT_ONCE, RATE = (int(os.environ.get(*of)) for of in (("ROUNDS", "3"), ("AT_ONCE", "16"), ("RATE", "2097152")))
DELAY = 0.05


def path(body):
    return f"/?body={body}&delay={DELAY}&pace={RATE}"


def absorbed(port, body):
    """Bytes of a body that have been received before anybody reads it: the mean over as many connections as there are transfers at once."""
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(AT_ONCE)]
    for client in clients:
        client.sendall(f"GET {path(body)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    received = sum(len(client.recv(128 * 1024)) for client in clients)
    waiting, before = 0, -1
    while waiting > before:
        before = waiting
        time.sleep(0.25)
        waiting = sum(unread(client) for client in clients)
    for client in clients:
        client.close()
    return min(body, (received + waiting) / AT_ONCE)


def unread(client):
    """Bytes that lie in a socket's receive buffer (FIONREAD, tcp(7))."""
    count = array.array("i", [0])
    fcntl.ioctl(client, termios.FIONREAD, count)
    return count[0]


def run(port, body, mode, count):
    """A run's wall time in seconds."""
    command = [fetcher, f"http://127.0.0.1:{port}{path(body)}", "--count", str(count), "--concurrency", str(count), "--mode", mode, "--format", "json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert report["summary"]["ok"] == count, report["summary"]
    return report["summary"]["wall"]


def measure(port, body):
    window = absorbed(port, body)
    rounds = []
    for _ in range(ROUNDS):
        alone, together, blocking = run(port, body, "async", 1), run(port, body, "async", AT_ONCE), run(port, body, "blocking-read", AT_ONCE)
        model = alone + (AT_ONCE - 1) * (body - window) / RATE
        rounds.append((alone, together, together / alone, model, blocking, blocking / model))
    alone, together, to_alone, model, blocking, to_model = (statistics.median(column) for column in zip(*rounds))
    print(f"| {body >> 10} KiB | {window / 1024:.0f} KiB | {alone:.3f} s | {together:.3f} s | {to_alone:.2f} "
          f"| {model:.2f} s | {blocking:.2f} s | {to_model:.2f} |", flush=True)


# The lab ends with its standard input.
with subprocess.Popen([fetcher, "lab", "--child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as lab:
    port = json.loads(lab.stdout.readline())["http"]
    print(f"{AT_ONCE} at once, {DELAY} s until the first byte, {RATE / 2**20:.0f} MiB/s each; medians of {ROUNDS} rounds\n")
    print("| body | received unread | one alone | async | to alone | blocking-read's model | blocking-read | to model |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for size in (128 << 10, 1 << 20, 2 << 20, 4 << 20):
        measure(port, size)
    lab.stdin.close()
