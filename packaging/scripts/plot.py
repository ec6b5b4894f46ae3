#!/usr/bin/env python3
"""Draws a soak's CSV, first column seconds, as SVG: one panel for each of the columns named.

    plot.py FILE.csv FILE.svg COLUMN=TITLE...
"""
import csv
import sys

WIDTH, HEIGHT, LEFT, GAP = 720, 110, 60, 34


def panel(rows, column, title, top):
    xs = [float(r["second"]) for r in rows]
    ys = [float(r[column]) for r in rows]
    most = max(ys) * 1.15 or 1
    points = " ".join(f"{LEFT + x / xs[-1] * (WIDTH - LEFT - 10):.1f},{top + HEIGHT - y / most * HEIGHT:.1f}" for x, y in zip(xs, ys))
    return f"""<text x="{LEFT}" y="{top - 8}" font-weight="bold">{title}</text>
<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - 10}" height="{HEIGHT}" fill="none" stroke="#bbb"/>
<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{most:.0f}</text>
<text x="{LEFT - 6}" y="{top + HEIGHT}" text-anchor="end">0</text>
<polyline points="{points}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>"""


def main():
    source, target, *columns = sys.argv[1:]
    with open(source) as f:
        rows = list(csv.DictReader(f))
    parts, top = [], 40
    for spec in columns:
        column, title = spec.split("=", 1)
        parts.append(panel(rows, column, title, top))
        top += HEIGHT + GAP
    last = rows[-1]
    parts.append(f'<text x="{LEFT}" y="{top - 10}">{last["second"]} seconds, {int(last["records"]):,} records</text>')
    with open(target, "w") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="12">\n'
                f'<rect width="{WIDTH}" height="{top}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


if __name__ == "__main__":
    main()
