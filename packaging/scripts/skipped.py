#!/usr/bin/env python3
"""skipped.py go test -json ...: runs it, says what it says the way go test does, and at the end which tests were skipped, and why: go test keeps
that to itself. Ends as go test does."""
import collections
import json
import subprocess
import sys

talk = collections.defaultdict(list)  # of tests that have not ended, by package and test
skipped = collections.defaultdict(list)
tests = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True, errors="replace")
for line in tests.stdout:
    try:
        event = json.loads(line)
    except ValueError:
        print(line, end="", flush=True)
        continue
    action, package, test = event["Action"], event.get("Package", ""), event.get("Test", "")
    key = package, test
    if action.endswith("output"):
        if test:
            talk[key].append(event["Output"])
        elif event["Output"] != "PASS\n":
            print(event["Output"], end="", flush=True)
    elif action in ("pass", "fail", "skip", "build-fail"):
        if action == "skip" and test:
            told = [text.strip() for text in talk[key] if not text.startswith(("===", "--- ", "    --- "))]
            skipped[" ".join(told).partition(": ")[2] or "nothing said"].append(package.rpartition("/")[2] + "." + test)
        for which in [k for k in talk if k == key or not test and k[0] == package]:  # what had not ended when its package did broke it
            said = "".join(talk.pop(which))
            if action == "fail":
                print(said, end="", flush=True)

for why, which in sorted(skipped.items()):
    print(f"skipped: {why} ({', '.join(which[:3])}{' and more' if len(which) > 3 else ''})")
sys.exit(tests.wait())
