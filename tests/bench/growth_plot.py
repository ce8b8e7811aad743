"""A picture of how cost grows: one small plot for each row, both axes in powers of ten, as SVG without a script.

It follows the reader's light or dark theme by itself, has its own background, and needs nothing from anywhere else.
"""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

from tests.bench.growth_measured import Growth, Run, time_in_words

_COLUMNS = 3
_WIDTH, _HEIGHT = 320, 216
#: Of each plot: what is left beside it for the times, above it for its name, below it for the sizes.
_LEFT, _RIGHT, _ABOVE, _BELOW = 54, 30, 40, 38
_HEAD = 64

_STYLE = """
text { font: 11px system-ui, sans-serif; fill: #24292f } .name { font-weight: 600; font-size: 11px }
.head { font-weight: 600; font-size: 15px } .quiet { fill: #57606a } .back { fill: #ffffff }
.grid { stroke: #d8dee4 } .slope { stroke: #8c959f; stroke-dasharray: 2 4 }
.ours { stroke: #0969da; fill: none; stroke-width: 2 } .limit { stroke: #bc4c00; fill: none; stroke-dasharray: 6 4 }
.at-ours { fill: #0969da } .at-limit { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #9198a1 } .back { fill: #0d1117 } .grid { stroke: #30363d }
.slope { stroke: #6e7681 } .ours { stroke: #58a6ff } .limit { stroke: #f0883e } .at-ours { fill: #58a6ff }
.at-limit { fill: #f0883e } }
"""


def drawn(run: Run) -> str:
    """The picture of a run."""
    lines = -(-len(run.rows) // _COLUMNS)
    width, height = _COLUMNS * _WIDTH, _HEAD + lines * _HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>How cost grows with the size of the work</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="back" width="{width}" height="{height}"/>',
        '<text class="head" x="14" y="24">How cost grows with the size of the work</text>',
        _line("ours", 14, 44, 40, 44),
        '<text x="46" y="48">Portcullis</text>',
        _line("limit", 130, 44, 156, 44),
        '<text x="162" y="48">the limit, measured in the same run</text>',
        _line("slope", 400, 44, 426, 44),
        '<text x="432" y="48">ten times the work, ten times as long: both axes are in powers of ten</text>',
    ]
    for place, row in enumerate(run.rows):
        x, y = place % _COLUMNS * _WIDTH, _HEAD + place // _COLUMNS * _HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{_plot(row)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _plot(row: Growth) -> str:
    times = [time for point in row.points for time in (point.ours, point.limit)]
    low, high = floor(log10(min(times))), ceil(log10(max(times)))
    first, last = log10(row.points[0].size), log10(row.points[-1].size)

    def x(size: float) -> float:
        return round(_LEFT + (log10(size) - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(seconds: float) -> float:
        return round(_HEIGHT - _BELOW - (log10(seconds) - low) / (high - low) * (_HEIGHT - _ABOVE - _BELOW), 1)

    ends = x(row.points[0].size), x(row.points[-1].size)
    parts = [f'<text class="name" x="{_LEFT}" y="20">{escape(row.what)}</text>']
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts += [
            _line("grid", ends[0], at, ends[1], at),
            f'<text class="quiet" x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{time_in_words(10.0**power)}</text>',
        ]
    for point in row.points:
        at = x(point.size)
        parts.append(
            f'<text class="quiet" x="{at}" y="{_HEIGHT - _BELOW + 18}" text-anchor="middle">{point.size:,}</text>'
        )
    below = f'x="{_WIDTH - _RIGHT}" y="{_HEIGHT - _BELOW + 32}"'
    parts.append(f'<text class="quiet" {below} text-anchor="end">{escape(row.over)}</text>')
    # From the first point on, as far as the plot goes up.
    begins, factor = row.points[0].ours, row.points[-1].size / row.points[0].size
    top = min(factor, 10.0**high / begins)
    parts.append(_line("slope", ends[0], y(begins), x(row.points[0].size * top), y(begins * top)))
    for name, found in (
        ("limit", [(x(point.size), y(point.limit)) for point in row.points]),
        ("ours", [(x(point.size), y(point.ours)) for point in row.points]),
    ):
        parts.append(f'<polyline class="{name}" points="{" ".join(f"{a},{b}" for a, b in found)}"/>')
        parts += [f'<circle class="at-{name}" cx="{a}" cy="{b}" r="3"/>' for a, b in found]
    return "".join(parts)


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
