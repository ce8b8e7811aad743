"""How the posture went over time, as a small picture (SVG) in a page."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from bot.domain.posture.scans import PostureScan

_WIDTH, _HEIGHT = 640, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 96, 12, 28
_LABEL = 14  #: the height of one


def chart(scans: Sequence[PostureScan]) -> Element:
    """The numbers of findings and of grave ones, the oldest first; at least two scans, at different times.

    Its title and description are read aloud. The two lines differ in their form, not in colour alone.
    """
    svg = Element("svg", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img")
    svg.set("aria-labelledby", "how-it-went-title how-it-went-text")
    first, last = scans[0], scans[-1]
    SubElement(svg, "title", id="how-it-went-title").text = "Findings over time"
    SubElement(svg, "desc", id="how-it-went-text").text = (
        f"From {first.at:%Y-%m-%d} to {last.at:%Y-%m-%d}: findings from {first.findings:,} to {last.findings:,}, "
        f"grave ones from {first.grave:,} to {last.grave:,}."
    )
    most = max(1, *(scan.findings for scan in scans))
    _axes(svg, most, scans)
    _line(svg, scans, [scan.findings for scan in scans], most)
    _line(svg, scans, [scan.grave for scan in scans], most, dashes="6 4")
    # The two labels must not lie upon each other: the lower one moves down.
    below = max(_up(last.grave, most), _up(last.findings, most) + _LABEL)
    right = _across(scans, last) + 8
    _label(svg, right, _up(last.findings, most) + 4, f"{last.findings:,} in all")
    _label(svg, right, below + 4, f"{last.grave:,} grave")
    return svg


def _axes(svg: Element, most: int, scans: Sequence[PostureScan]) -> None:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    path = f"M{_LEFT} {_TOP}V{bottom}H{right}"
    SubElement(svg, "path", {"d": path, "fill": "none", "stroke": "currentColor", "stroke-opacity": "0.5"})
    _label(svg, _LEFT - 6, _TOP + 8, f"{most:,}", anchor="end")
    _label(svg, _LEFT - 6, bottom, "0", anchor="end")
    _label(svg, _LEFT, _HEIGHT - 8, f"{scans[0].at:%Y-%m-%d}")
    _label(svg, right, _HEIGHT - 8, f"{scans[-1].at:%Y-%m-%d}", anchor="end")


def _line(svg: Element, scans: Sequence[PostureScan], values: Sequence[int], most: int, *, dashes: str = "") -> None:
    points = (f"{_across(scans, scan):.1f},{_up(value, most):.1f}" for scan, value in zip(scans, values, strict=True))
    line = SubElement(svg, "polyline", {"points": " ".join(points), "fill": "none", "stroke": "currentColor"})
    line.set("stroke-width", "2")
    if dashes:
        line.set("stroke-dasharray", dashes)


def _across(scans: Sequence[PostureScan], scan: PostureScan) -> float:
    whole = (scans[-1].at - scans[0].at).total_seconds() or 1.0
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (scan.at - scans[0].at).total_seconds() / whole


def _up(value: int, most: int) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / most


def _label(svg: Element, x: float, y: float, text: str, *, anchor: str = "start") -> None:
    SubElement(svg, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}).text = text
