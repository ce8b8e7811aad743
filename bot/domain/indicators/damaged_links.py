r"""Links that are no longer what they were: cut off by whoever showed them, or as another program wrote them down.

`https://evil.example/login/a…`, `https://evil.example/a\nhttps://evil2.example/b`, `https://evil.example/?id=3D1`. Each
reads as a link that nobody ever got, so that an entry of it would match nothing, and look as if it did.
"""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

#: What stands for a part that was left out: an ellipsis, `[...]`, `<redacted>`.
_LEFT_OUT = re.compile(
    r"…|%e2%80%a6|[\[(<{]\s?(?:\.{2,}|snip(?:ped)?|redacted|removed|truncated|omitted|masked|gekürzt|entfernt)\s?[\])>}]|"
    r"\.{3,}(?=[\s\"'`”’»)\]>}]*\Z)",
    re.IGNORECASE,
)
#: A link that has more than a host: behind a host alone an ellipsis only ends a sentence.
_MORE_THAN_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*+://)?+[^\s/\\?]{3,}[/\\?]", re.IGNORECASE)
#: What programs write for the end of a line, a tab and a quotation mark. Behind a scheme `\test` is a path.
_ESCAPED = re.compile(
    r"\\(?:r\\n|[nrt\"'](?=\W|\Z|[a-z*]{2,6}:|[\w-]+(?:\[?\.\]?[\w-]+)*\.[a-z]{2,})|u[0-9a-f]{4})|(?<=[\w/])\\(?=\W*\Z)",
    re.IGNORECASE,
)
_ESCAPED_WITHOUT_SCHEME = re.compile(r"\\(?:[nrt\"']|u[0-9a-f]{4})|(?<=[\w/])\\(?=\W*\Z)", re.IGNORECASE)
#: A `=` as the source of a message has it.
_QUOTED_PRINTABLE = re.compile(r"[^=]*(?:=3D[^=]*)+")


def is_damaged(link: str) -> bool:
    """Whether a link without brackets and backslashes, `plain_forms` calls it plain, has to be read with more care."""
    return "=3D" in link and _QUOTED_PRINTABLE.fullmatch(link) is not None


def refuse_damaged(text: str, *, typed: str) -> None:
    """Raises InvalidIndicator for such a link. `text` is `typed` without what stood around it and its defanging."""
    if (left_out := _LEFT_OUT.search(typed)) and _MORE_THAN_HOST.match(text):
        raise InvalidIndicator(
            f"{quoted(typed)} is cut off: {quoted(left_out[0])} stands for something that isn't there.",
            "Copy the whole link, or type a part of it that is whole, such as evil.example/*.",
        )
    form = _ESCAPED if "://" in text else _ESCAPED_WITHOUT_SCHEME
    if (escaped := form.search(typed)) is not None:
        raise InvalidIndicator(
            f"{quoted(typed)} has {quoted(escaped[0])} in it, as programs write the end of a line or a quotation mark.",
            "Type it without; two links go on two lines. A slash is typed as a slash.",
        )
    if is_damaged(text):
        host = re.split(r"[/?]", text.partition("://")[2] or text, maxsplit=1)[0]
        raise InvalidIndicator(
            f"{quoted(typed)} has =3D where links have =, as the source of a message has it.",
            f"Type it with = alone; or a part of it that has none, such as {shown(host)}/*.",
        )
