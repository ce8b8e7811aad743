"""The posture as a page to hand to an auditor: one file, with no script and nothing from elsewhere.

It is built as a tree and written out by the standard library, which escapes every text: what entries, rules and notes
hold is other people's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from bot import __version__
from bot.cli.posture_chart import chart
from bot.cli.posture_report import PostureReport
from bot.cli.sentences import moment, printable
from bot.domain.indicators.defanging import defanged
from bot.domain.posture.baseline import PostureResult
from bot.domain.posture.finding import Fault, Finding
from bot.domain.posture.scans import PostureScan, by_day, counted, grave
from bot.domain.telling.posture_facts import REMEDIES, counts_line, is_met, place_words, portal_path, rule_line

#: So many days stand in the table; the picture has all.
_MOST_DAYS = 31

#: Nothing is loaded, whatever a text may look like.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --line: #888; --soft: #f2f2f2; --bad: #a40000; --good: #006100; --warn: #7a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --line: #777; --soft: #262626; --bad: #ff9c9c; --good: #8fe28f; --warn: #ffca7a; }
}
html { background: Canvas; color: CanvasText; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th, td, li { overflow-wrap: anywhere; }
thead th { overflow-wrap: normal; }
.fail, .pass, .grave, .serious, .minor { white-space: nowrap; }
td ul { margin: 0; padding-left: 1.1rem; }
thead th { background: var(--soft); }
.fail, .grave { color: var(--bad); font-weight: bold; }
.pass { color: var(--good); font-weight: bold; }
.serious { color: var(--warn); font-weight: bold; }
svg { display: block; width: 100%; height: auto; max-width: 48rem; }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
@media print {
  :root { color-scheme: light; --bad: #a40000; --good: #006100; --warn: #7a4b00; --soft: #f2f2f2; }
  body { margin: 0; max-width: none; font-size: 10pt; }
  thead { display: table-header-group; }
  tr, svg { break-inside: avoid; }
}
"""


def page(report: PostureReport) -> str:
    """The whole page. Every finding is on it, however many."""
    html = Element("html", lang="en")
    _head(html, report)
    main = SubElement(SubElement(html, "body"), "main")
    _text(main, "h1", "Posture of the mail filter's overrides")
    tenant = f"Tenant {report.tenant}. " if report.tenant else ""
    _text(main, "p", f"{tenant}Lists as of {moment(report.as_of)}; this page was made {moment(report.made_at)}.")
    _text(main, "p", f"{counts_line(len(report.findings), grave(report.findings))}.")
    _baseline(main, report.baseline)
    days = by_day(report.history)
    if len(days) > 1:
        _text(main, "h2", "How it went")
        main.append(chart(days))
        _day_by_day(main, days)
    _findings(main, report.findings, is_scanned=report.is_scanned)
    _meanings(main, report.findings)
    _unseen(main, report.unseen)
    _text(
        main, "p", f"Made by Portcullis {__version__}. What is listed is read from the tenant, and changed by nobody."
    )
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode', method='html')}\n"


def _head(html: Element, report: PostureReport) -> None:
    head = SubElement(html, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="referrer", content="no-referrer")
    _text(head, "title", f"Posture, {report.as_of:%Y-%m-%d}")
    SubElement(head, "style").text = _STYLE


def _baseline(main: Element, baseline: Sequence[PostureResult]) -> None:
    _text(main, "h2", "The baseline")
    body = _table(main, "Each rule, and whether it is met", ("Rule", "What it says", "Result", "Details"))
    for result in baseline:
        row = SubElement(body, "tr")
        _text(row, "th", rule_line(result), scope="row")
        _text(row, "td", result.title)
        met = is_met(result)
        _text(row, "td", "met" if met else "not met", **{"class": "pass" if met else "fail"})
        _text(row, "td", result.details)


def _day_by_day(main: Element, days: Sequence[PostureScan]) -> None:
    """The numbers of the picture, for who doesn't see it or wants to copy them."""
    headings = ("Day (UTC)", "Findings", "Grave", "New faults", "Gone")
    body = _table(main, "How many findings each day had at its end, the newest first", headings)
    for scan in days[: -_MOST_DAYS - 1 : -1]:
        row = SubElement(body, "tr")
        _text(row, "th", f"{scan.at:%Y-%m-%d}", scope="row")
        for number in (scan.findings, scan.grave, scan.added, scan.gone):
            _text(row, "td", f"{number:,}")


def _findings(main: Element, findings: Sequence[Finding], *, is_scanned: bool) -> None:
    _text(main, "h2", "Findings")
    if not findings:
        _text(main, "p", "Nothing that lets mail through needs looking after, as far as it could be seen.")
        return
    headings = ("Gravity", "What", "Where", "Faults, and since when each has been seen", "Asked by", "Remedy")
    body = _table(main, "The gravest first", headings)
    for finding in findings:
        row = SubElement(body, "tr")
        _text(row, "td", finding.gravity.words, **{"class": finding.gravity.words})
        _what(SubElement(row, "th", scope="row"), finding)
        _text(row, "td", place_words(finding.place))
        faults = SubElement(SubElement(row, "td"), "ul")
        for fault in finding.faults:
            _text(faults, "li", f"{fault.traits.words}{_since(finding.since.get(fault)) if is_scanned else ''}")
        _text(row, "td", _asked_by(finding))
        _text(row, "td", portal_path(finding) or REMEDIES.get(finding.remedy, "").rstrip("…"))


def _what(cell: Element, finding: Finding) -> None:
    _text(cell, "code", defanged(finding.value))
    for text in (finding.within, finding.detail):
        if text:
            _text(cell, "div", text)
    if finding.row is not None and finding.row.note.strip():
        _text(cell, "div", f"Note: {finding.row.note}")


def _since(at: datetime | None) -> str:
    return " (new)" if at is None else f" (since {at:%Y-%m-%d})"


def _asked_by(finding: Finding) -> str:
    """`U0REQUEST1, #7`; empty where nobody did."""
    row = finding.row
    if row is None or row.known is None:
        return ""
    asked = row.known.requester if row.known.is_named else f"nobody; by the submission of {row.known.requester}"
    return f"{asked}, #{row.known.request_id if row.number is None else row.number}"


def _meanings(main: Element, findings: Iterable[Finding]) -> None:
    counts = counted(findings)
    if not counts:
        return
    _text(main, "h2", "What the faults mean")
    body = _table(main, "Each fault that was found", ("Fault", "Findings", "Why it is one"))
    for fault in Fault:
        if fault.value in counts:
            row = SubElement(body, "tr")
            _text(row, "th", fault.traits.words, scope="row")
            _text(row, "td", f"{counts[fault.value]:,}")
            _text(row, "td", fault.traits.means)


def _unseen(main: Element, unseen: Sequence[str]) -> None:
    _text(main, "h2", "What could not be seen")
    if not unseen:
        _text(main, "p", "Everything that Portcullis looks at was read in full.")
        return
    listed = SubElement(main, "ul")
    for gap in unseen:
        _text(listed, "li", gap)


def _table(main: Element, caption: str, headings: Iterable[str]) -> Element:
    table = SubElement(main, "table")
    _text(table, "caption", caption)
    row = SubElement(SubElement(table, "thead"), "tr")
    for heading in headings:
        _text(row, "th", heading, scope="col")
    return SubElement(table, "tbody")


def _text(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, tag, attributes).text = printable(text)
