#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a terminal's text as an SVG picture, for the documentation.

    bsfa compare ... | report_picture.py 'bsfa compare ...' > docs/report.svg
"""

import html
import sys

CHARACTER, LINE, MARGIN = 7.85, 18, 18
COLOURS = {"verdict: pass": "#7ee787", "verdict: fail": "#ff7b72", "verdict: inconclusive": "#e3b341"}


def colour_of(line):
    return next((c for start, c in COLOURS.items() if line.startswith(start)), "#d0d7de")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lines = [f"$ {sys.argv[1]}"] + sys.stdin.read().rstrip("\n").split("\n")
    width = 2 * MARGIN + CHARACTER * max(len(line) for line in lines)
    height = 2 * MARGIN + LINE * len(lines)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
          'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">')
    print('<rect width="100%" height="100%" rx="8" fill="#161b22"/>')
    for number, line in enumerate(lines):
        colour = "#8b949e" if number == 0 else colour_of(line)
        y = MARGIN + LINE * (number + 0.75)
        print(f'<text x="{MARGIN}" y="{y:.0f}" fill="{colour}" xml:space="preserve">{html.escape(line)}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
