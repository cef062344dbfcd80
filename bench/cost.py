"""Runs a command and appends what it cost to a file: scenario, name, units, CPU seconds, wall seconds, peak resident KiB, exit status.
What else is known of a run is put behind that as NAME=VALUE.

usage: cost.py FILE SCENARIO NAME UNITS OUTPUT LIMIT COMMAND...
The command's standard output goes to OUTPUT. After LIMIT seconds it is ended, which counts as a failure.
"""
import os
import subprocess
import sys
import threading
import time

file, scenario, name, units, output, limit, *command = sys.argv[1:]
with open(output, "wb") as out:
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=out, stdin=sys.stdin)
    timer = threading.Timer(float(limit), process.terminate)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    timer.cancel()
cpu = usage.ru_utime + usage.ru_stime
with open(file, "a") as rows:
    print(scenario, name, units, f"{cpu:.6f}", f"{wall:.6f}", usage.ru_maxrss, process.returncode, sep="\t", file=rows)
sys.exit(0 if process.returncode == 0 else 1)
