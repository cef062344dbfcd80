"""Holds the last row of the costs against what the origin says it sent; a run that fell short is marked as failed.

usage: check.py ROWS LOG BODY
"""
import sys

rows, log, body = sys.argv[1], sys.argv[2], int(sys.argv[3])
sent = reused = wrong = 0
with open(log) as lines:
    for line in lines:
        status, size, session = line.split()
        sent += 1
        reused += session == "r"
        wrong += status != "200" or int(size) != body
with open(rows) as file:
    *before, last = file.read().splitlines()
fields = last.split("\t")
name, units = fields[1], int(fields[2])
if units == 0:
    # A client that runs by the clock breaks off what is under way at its end.
    fields[2] = str(sent)
elif sent != units or wrong:
    print(f"{name}: {units} bodies asked for, {sent} sent, {wrong} of them wrong", file=sys.stderr)
    fields[6] = "short"
fields.append(f"reused={reused}")
with open(rows, "w") as file:
    print(*before, "\t".join(fields), sep="\n", file=file)
