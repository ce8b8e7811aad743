"""Slack's own forms in a message's text: `<https://x|x>`, `<mailto:a@b|a@b>`, `<@U…>`, `<#C…>`, `<!channel>`.

And links as Markdown has them: `[x](https://x)`, and as Outlook has them in plain text: `x<https://x>`, read alike.

Source: Slack's page on formatting text. Slack links what people type and puts `http://` before a bare host, so an
`http` link whose label is the target without the scheme means that the person typed the label.
"""

from __future__ import annotations

import re

from bot.domain.indicators.refanging import refang
from bot.domain.indicators.rewritten_links import end_of_link
from bot.domain.indicators.typed_text import quoted, unescape
from bot.errors import InvalidIndicator

_LINK = re.compile(r"<([^<>|\s]+)(?:\|([^<>]*))?>")
#: The label, in which brackets are escaped or defang something, and the target, in which they come in pairs.
MARKDOWN_LINK = re.compile(
    r"!?\[(?P<label>(?:[^\[\]\\\n]|\\.|\[(?:\.|@|:|/|://|dot|at)\]){0,300}+)\]"
    r"\(\s?(?P<target><[^<>\s]{1,2048}>|(?:[^\s()\[\]<>]|\([^\s()]{0,300}\)|\[[^\s()\[\]]{1,5}\]){1,2048}+)\s?\)"
    r"[.!?:]{0,3}",
    re.IGNORECASE,
)
#: A name or a text with its link behind it, as Outlook and Teams copy it. A label (`URL:`) isn't such a text.
_COPIED = re.compile(
    r"(?P<label>[^<>|]++)(?<![:=])(?<![:=]\s)<(?P<target>(?:mailto:|https?://)[^<>|\s]{1,2048})>", re.IGNORECASE
)
_ESCAPED = re.compile(r"\\([\[\]\\._*()-])")
_MENTION = re.compile(r"@[UWB][A-Z0-9]{2,}|#[CGD][A-Z0-9]{2,}|![a-z]+(?:[\^|].*)?", re.DOTALL)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def unlink(text: str) -> str:
    """The text as the person typed it, before Slack made links of it.

    Raises InvalidIndicator for a mention of a person, a group or a channel, and for a link whose label says
    something else than its target.
    """
    if "](" in text and (markdown := MARKDOWN_LINK.fullmatch(text.strip())):
        label, target = unlink(markdown["label"]), unlink(markdown["target"].strip("<>"))
        return _meant(target, _ESCAPED.sub(r"\1", label).strip(), text)
    if "<" not in text:
        return text
    copied = _COPIED.fullmatch(text.strip())
    if copied is not None and any(map(str.isalpha, copied["label"])):
        label, target = copied["label"].strip(), unescape(copied["target"])
        if target.lower().startswith("mailto:"):
            return f"{label} <{target[len('mailto:') :]}>"
        return _meant(target, label, text)
    return _LINK.sub(_typed, text)


def _typed(match: re.Match[str]) -> str:
    if _MENTION.fullmatch(match[1]):
        raise InvalidIndicator(
            f"{quoted(match[0])} is a mention of somebody or some channel in Slack, not something to list.",
            "Type a mail address, a domain, an IP address, a URL or a file's SHA-256.",
        )
    return _meant(unescape(match[1]), unescape(match[2] or "").strip(), match[0])


def _meant(target: str, label: str, whole: str) -> str:
    """What a link with a label stands for. Raises InvalidIndicator where the two say different things."""
    if target.lower().startswith("mailto:"):
        address = target[len("mailto:") :]
        if not label or _same(label, address) or _same(label, target):
            return address
    elif target.lower().startswith("tel:"):
        # Slack links anything that could be a telephone number; the label is what was typed.
        return label or target[len("tel:") :]
    elif scheme := _SCHEME.match(target):
        bare = target[scheme.end() :]
        if not label or _same(label, target):
            return target
        if _same(label, bare):
            return label if scheme[0].lower() == "http://" else target
        end = end_of_link(target)  # a mail program shows where a rewritten link leads
        if _same(label, end) or _same(label, _SCHEME.sub("", end)):
            return target
    elif not label:
        return whole
    raise InvalidIndicator(
        f"The link shows {quoted(label)} but leads to {quoted(target)}.",
        "Type the one of the two that you mean.",
    )


def _same(one: str, other: str) -> bool:
    return one == other or refang(one).rstrip("/").casefold() == refang(other).rstrip("/").casefold()
