"""Text on its way into Slack: what people typed made harmless, cut to length, and dates for each reader.

Everything that a person typed, and everything that the tenant answered, goes through `escaped`, `plain`, `code` or
`indicator` before it stands in a message. Slack's own rule is to escape `&`, `<` and `>`
(docs.slack.dev/messaging/formatting-message-text); what a line break, a control character or a reversed writing
direction could fake is taken out as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.indicators.defanging import defanged
from bot.domain.telling.counting import plural

#: What stands where something could not be shown.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_ELLIPSIS = "…"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_IN_CODE = {"`": "\N{MODIFIER LETTER GRAVE ACCENT}"}
_WHITE_SPACE = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
#: Control characters, lone surrogates, and the marks that turn the writing direction round for what follows them:
#: with those, `moc.live` can be made to read `evil.com`.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\uffff]"
)
_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
#: A short word in capitals, such as SOC, is a team's name and no id: those have a digit, or nine characters and more.
_GROUP_ID = re.compile(r"S(?=[A-Z]*[0-9]|[A-Z]{8})[A-Z0-9]{1,30}")
#: What Slack draws: a mark where a word begins, and the same where one ends.
_MARKED = re.compile(r"[*_~]")
_DRAWN = re.compile(r"(?<!\w)([*_~])(?=[^\s*_~]).*?(?<=[^\s*_~])\1(?!\w)")
_MARKED_VALUE = re.compile(r"‘([^‘’`]*[*_~][^‘’`]*)’")
_CODE = re.compile(r"`[^`]+`")
_SCHEME = re.compile(r"\b(h)tt(ps?://)", re.IGNORECASE)
_HTTP = re.compile(r"(h)tt(ps?://)", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?<!hxxp)(?<!hxxps)://", re.IGNORECASE)

#: A workspace's address has 92 characters at most, and what stands behind it about 40: anything longer is no card's,
#: and a page of links has room for so much.
LONGEST_LINK = 150
#: An address that can stand between angle brackets.
_LINKED = re.compile(r"https?://[^\s<>|]+")


def size(text: str) -> int:
    """How much of Slack's limits a text uses up, counted so that no way of counting comes to more.

    Slack does not say whether it counts characters, UTF-16 units or bytes, nor whether before or after JSON's escapes.
    This is the bytes of the JSON string without its quotes.
    """
    return len(text.encode("utf-8", "replace")) + text.count('"') + text.count("\\") + text.count("\n")


def _shown(text: str, limit: int, escapes: Mapping[str, str]) -> str:
    """`text` on one line, escaped, cut to `limit` without cutting an escape in two; what has no look is replaced."""
    # Nothing beyond this can be shown, unless it is nearly all white space: a long text costs no more than a short one.
    head = text[: limit * 8]
    line = _UNSHOWABLE.sub(REPLACEMENT, _WHITE_SPACE.sub(" ", head)).strip()
    whole = len(head) == len(text) and len(line) <= limit
    if whole and size(escaped := line.translate({ord(one): other for one, other in escapes.items()})) <= limit:
        return escaped
    pieces = [escapes.get(character, character) for character in line[: limit + 1]]
    kept: list[str] = []
    room = limit - size(_ELLIPSIS)
    for piece in pieces:
        room -= size(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + _ELLIPSIS


def escaped(text: str, *, limit: int = 500) -> str:
    """`text` for mrkdwn: on one line, escaped, at most `limit` long; empty when there is nothing to see.

    Three backticks would open a block of code that swallows what follows: they become apostrophes. Stars, underscores
    and tildes stay what they are: a value in ‘…’ that has some goes into code, and where Slack would still draw a text
    bold, slanted or struck out, all of it does. Nothing else is known to keep Slack from it.
    """
    shown = spoken(text, limit=limit)
    if not _MARKED.search(shown):
        return shown
    if "`" not in shown:  # else a third one may come to stand beside two of theirs
        shown = _MARKED_VALUE.sub(lambda value: f"`{value[1]}`", shown)
    return code(text, limit=limit) if _drawn(shown) else shown


def spoken(text: str, *, limit: int) -> str:
    """The same to be read aloud, with no marks of code."""
    return _shown(text.replace("```", "'''"), limit, _ESCAPES)


def _drawn(shown: str) -> bool:
    """Whether Slack would draw a part of a text otherwise than it was typed."""
    return _DRAWN.search(_CODE.sub(" ", shown)) is not None


def unlinked(text: str, *, limit: int = 500) -> str:
    """The same for a message's top-level `text`, where Slack makes links of addresses: `http` becomes `hxxp`."""
    return spoken(_SCHEME.sub(r"\1xx\2", text), limit=limit)


def without_links(text: str) -> str:
    """A message's whole top-level `text` with no address in it that a client or an unfurler follows: `hxxps://…`.

    Other schemes have their colon in brackets, in the place of the slashes: the text is as long as before.
    """
    return _OTHER_SCHEME.sub("[:]", _HTTP.sub(r"\1xx\2", text))


def card_link(words: str, url: str) -> str:
    """The number of a request in these words (`#7`), as a link to its card where that is known."""
    return f"<{url}|{words}>" if len(url) <= LONGEST_LINK and _LINKED.fullmatch(url) else words


def plain(text: str, *, limit: int = 500) -> str:
    """`text` for a plain_text object: on one line, at most `limit` long. Plain text knows no escapes."""
    return _shown(text, limit, {})


def code(text: str, *, limit: int = 150) -> str:
    """`text` as inline code for mrkdwn. A backtick inside would end the code early: it becomes a grave accent."""
    return f"`{_shown(text, limit - 2, _ESCAPES | _IN_CODE) or '(empty)'}`"


def set_apart(text: str, *, limit: int) -> str:
    """`text` as a block of code for mrkdwn: the one place where Slack neither formats nor links nor draws signs."""
    return f"```{_shown(text, limit - 6, _ESCAPES | _IN_CODE) or '(nothing)'}```"


def indicator(value: str, *, limit: int = 150) -> str:
    """An indicator as people see it: defanged, so that no client makes a link of it, and in code."""
    return code(defanged(value[: limit * 8]), limit=limit)


def code_blocks(text: str, *, limit: int = 2900, at_most: int = 12) -> tuple[list[str], int]:
    """`text` of many lines as blocks of code for mrkdwn, each at most `limit` long, and how many characters are left.

    A line that is too long goes on in the next block. Three backticks inside would end a block early: a space of no
    width goes between them.
    """
    head = text[: limit * at_most]  # no more than this can be shown
    safe = _UNSHOWABLE.sub(REPLACEMENT, head.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    safe = safe.replace("```", "`\u200b`\u200b`")
    room = limit - len("```\n\n```") - 2
    blocks: list[str] = []
    start = 0
    while start < len(safe) and len(blocks) < at_most:
        end, used = start, 0
        while end < len(safe) and (used := used + size(_ESCAPES.get(safe[end], safe[end]))) <= room:
            end += 1
        line_end = safe.rfind("\n", start, end) + 1
        if end < len(safe) and line_end > start:
            end = line_end
        chunk = safe[start:end].strip("\n")
        if chunk.strip():
            blocks.append("```\n" + "".join(_ESCAPES.get(character, character) for character in chunk) + "\n```")
        start = end
    return blocks, len(safe) - start + len(text) - len(head)


def mention(user: str) -> str:
    """A person, or a user group, as Slack shows them: whoever is mentioned is notified where the message is posted.

    Anything but such an id is escaped.
    """
    if user == PORTCULLIS:
        return "Portcullis"
    if _GROUP_ID.fullmatch(user):
        return f"<!subteam^{user}>"
    return f"<@{user}>" if _USER_ID.fullmatch(user) else escaped(user, limit=80) or "somebody"


def when(at: datetime) -> str:
    """A time that Slack shows to each reader in their own time zone.

    docs.slack.dev/messaging/formatting-message-text#date-formatting. `at` must be aware.
    A time that Slack has no number for stands there in plain text.
    """
    seconds = int(_aware(at).timestamp())
    return f"<!date^{seconds}^{{date_short_pretty}} {{time}}|{when_plain(at)}>" if seconds >= 0 else when_plain(at)


def when_plain(at: datetime) -> str:
    """The same time where Slack has no dates: in plain text, and for screen readers. Always UTC."""
    return _aware(at).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def which_day(at: datetime) -> str:
    """The day of a time, to each reader in their own time zone. `at` must be aware."""
    return f"<!date^{int(_aware(at).timestamp())}^{{date_short_pretty}}|{which_day_plain(at)}>"


def which_day_plain(at: datetime) -> str:
    """The same in plain text. Always UTC."""
    return _aware(at).astimezone(UTC).strftime("%Y-%m-%d")


def ago(at: datetime, *, now: datetime) -> str:
    """How long before `now` a time was, in the largest unit that tells: `just now`, `3 minutes ago`, `2 days ago`."""
    seconds = (_aware(now) - _aware(at)).total_seconds()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return f"{plural(int(seconds // length), unit)} ago"
    return "just now"


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone can't be shown")
    return at


def lines_that_fit(lines: Iterable[str], *, limit: int, total: int | None = None, more: str = "…and {} more") -> str:
    """As many of the lines as fit in `limit`; if some are left, the last line says how many.

    `total` is how many there are when `lines` is only their beginning. `more` is the last line, with `{}` for the
    number. The first line stands in any case: it must fit.
    """
    given = list(lines)
    total = len(given) if total is None else total
    shown: list[str] = []
    used = 0
    for line in given:
        used += size(line) + 2
        last = len(shown) + 1 == total
        if shown and used + (0 if last else size(more) + 16) > limit:
            break
        shown.append(line)
    left = total - len(shown)
    return "\n".join([*shown, more.format(f"{left:,}")] if left else shown)


def sections_of(
    lines: Iterable[str], *, total: int, limit: int = 2900, at_most: int, more: str = "…and {} more"
) -> tuple[str, ...]:
    """Lines packed into at most `at_most` texts of at most `limit`; what is left is counted in the last line.

    `total` is how many lines there are: those that don't fit are never asked for.
    """
    packed: list[list[str]] = [[]]
    used = 0
    room = limit - size(more) - 16
    for position, line in enumerate(lines):
        need = size(line) + 2
        if used + need > room and packed[-1]:
            if len(packed) == at_most:
                packed[-1].append(more.format(f"{total - position:,}"))
                break
            packed.append([])
            used = 0
        packed[-1].append(line)
        used += need
    return tuple("\n".join(texts) for texts in packed if texts)
