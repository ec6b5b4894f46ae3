#!/usr/bin/env python3
"""skipped.py: says what "go test -json" says the way go test does, and at the end which tests were skipped, and why: go test keeps that to itself."""
import collections
import json
import sys

talk = collections.defaultdict(list)  # of tests that have not ended, by package and test
running, failed, skipped = set(), False, collections.defaultdict(list)
for line in sys.stdin:
    try:
        event = json.loads(line)
    except ValueError:
        print(line, end="", flush=True)
        continue
    action, package, test = event["Action"], event.get("Package", ""), event.get("Test", "")
    key = package, test
    if action == "start":
        running.add(package)
    elif action.endswith("output"):
        if test:
            talk[key].append(event["Output"])
        elif event["Output"] != "PASS\n":
            print(event["Output"], end="", flush=True)
    elif action in ("pass", "fail", "skip", "build-fail"):
        failed |= action.endswith("fail")
        if action == "skip" and test:
            told = [text.strip() for text in talk[key] if not text.startswith(("===", "--- ", "    --- "))]
            skipped[" ".join(told).partition(": ")[2] or "nothing said"].append(package.rpartition("/")[2] + "." + test)
        if not test:
            running.discard(package)
        for which in [k for k in talk if k == key or not test and k[0] == package]:  # what had not ended when its package did broke it
            said = "".join(talk.pop(which))
            if action == "fail":
                print(said, end="", flush=True)

for why, tests in sorted(skipped.items()):
    print(f"skipped: {why} ({', '.join(tests[:3])}{' and more' if len(tests) > 3 else ''})")
sys.exit(1 if failed or running else 0)
