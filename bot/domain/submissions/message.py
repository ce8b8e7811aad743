"""What a message that is handed in says of itself, to be seen before approval: whom it is from, its links, its files.

The file is a stranger's, so everything is bounded before it is read: how long a header is, how often parts lie in
parts, how many lines and links there are. Nothing here raises: what can't be read is said to be unread.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from itertools import islice

from bot.domain.auditing.events import clean_text
from bot.domain.indicators.header_addresses import header_addresses
from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.reader import read_as
from bot.domain.lists.comparison import same_value
from bot.domain.lists.traits import ListName
from bot.domain.requests.evidence import AttachedFile, MessageHeld
from bot.errors import InvalidIndicator

#: Headers come first in a file, and take no more bytes than this.
HEADERS_WITHIN = 262_144

#: So much of a header is kept, and so much of one is read: a decoder takes its time over a longer one.
LONGEST_KEPT = 300
_LONGEST_READ = 2_000
#: So many addresses, links and files are kept, and so many links are looked at.
MOST_KEPT = 10
_MOST_LINKS = 500
#: A body beyond these is not read. A parser's work grows with the lines, times how deep parts lie in parts, and with
#: the square of how long a header with parameters is.
_MOST_HOLDERS = 40
_MOST_LINES = 100_000
#: A message with more than these is none that anybody was to read. A forwarded one within another has two.
_MOST_NESTED = 200
_LONGEST_PARAMETERS = 4_000

_PARAMETERS = re.compile(rb"^content-(?:type|disposition):([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_HOLDS_PARTS = (b"multipart/", b"message/")
_HOLDER = re.compile(rb"^content-type:[ \t]*(?:\r?\n[ \t]+)?(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(r"(?:https?|hxxps?)://[^\s<>\"'`\\^{|}]{3,2000}", re.IGNORECASE)
_BEHIND_LINKS = ".,;:!?)]>*"


def read_message(content: bytes, *, wanted: Collection[str] = ()) -> MessageHeld:
    """What stands in a message, which `bot.domain.submissions.evidence.is_message` has found to be one.

    `wanted` are the values that the submission is for: of many links and files those are kept first.
    """
    headers = headers_of(content)
    body = _body(content)
    links, files = _links(body or ()), _files(body or ())
    wanted_links = [link for link in links if any(same_value(ListName.URL, link, value) for value in wanted)]
    wanted_files = [file for file in files if file.sha256 in {value.lower() for value in wanted}]
    return MessageHeld(
        senders=_addresses(headers, "From"),
        written_from=_text(headers, "From"),
        return_path=_text(headers, "Return-Path").strip("<>"),
        subject=_text(headers, "Subject"),
        date=_text(headers, "Date"),
        message_id=_text(headers, "Message-ID").strip("<>"),
        links=tuple(dict.fromkeys([*wanted_links, *links]))[:MOST_KEPT],
        files=tuple(dict.fromkeys([*wanted_files, *files]))[:MOST_KEPT],
        more_links=max(0, len(links) - MOST_KEPT),
        more_files=max(0, len(files) - MOST_KEPT),
        is_read_whole=body is not None and len(links) < _MOST_LINKS,
    )


def headers_of(content: bytes) -> Message:
    """The headers of a message, which come first in its file; those beyond `HEADERS_WITHIN` bytes are left out.

    Never raises. The body is not read: parts within parts, a thousand deep, are more than a parser can follow.
    """
    return BytesHeaderParser().parsebytes(content[:HEADERS_WITHIN])


def is_nested_too_deep(content: bytes) -> bool:
    """Whether a file declares so many parts within parts that no mail program shows what they hold."""
    found = _HOLDER.finditer(content)
    return sum(1 for _ in islice(found, _MOST_NESTED + 1)) > _MOST_NESTED


def _addresses(headers: Message, name: str) -> tuple[str, ...]:
    """The addresses in all headers of a name. Of two From headers, each mail program shows another one."""
    written = [str(value)[:_LONGEST_READ] for value in headers.get_all(name, [])[:MOST_KEPT]]
    found = (address.strip() for address in header_addresses(written))
    return tuple(dict.fromkeys(_kept(address) for address in found if "@" in address))[:MOST_KEPT]


def _text(headers: Message, name: str) -> str:
    """All headers of a name, as people read them: without line ends, and with their encoded words decoded."""
    return _kept("; ".join(_decoded(str(value)[:_LONGEST_READ]) for value in headers.get_all(name, [])[:MOST_KEPT]))


def _decoded(written: str) -> str:
    try:
        return str(make_header(decode_header(written)))
    except (HeaderParseError, LookupError, ValueError):
        return written


def _kept(text: str) -> str:
    line = " ".join(clean_text(text).split())
    return line if len(line) <= LONGEST_KEPT else f"{line[: LONGEST_KEPT - 1]}…"


def _body(content: bytes) -> tuple[Message, ...] | None:
    """The parts of a message that hold no other parts; None where there is more to it than is read."""
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    parameters = _PARAMETERS.findall(content)
    holders = sum(each.strip().lower().startswith(_HOLDS_PARTS) for each in parameters)
    if content.count(b"\n") > _MOST_LINES or holders > _MOST_HOLDERS:
        return None
    if max(map(len, parameters), default=0) > _LONGEST_PARAMETERS:
        return None
    try:
        return tuple(part for part in BytesParser().parsebytes(content).walk() if not part.is_multipart())
    except (MessageError, LookupError, ValueError, RecursionError):
        return None


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (LookupError, ValueError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def _is_file(part: Message) -> bool:
    is_text = part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"
    return not is_text or _file_name(part) != ""


def _file_name(part: Message) -> str:
    try:
        return _kept(_decoded((part.get_filename() or "")[:_LONGEST_READ]))
    except (LookupError, ValueError, TypeError):
        return ""


def _files(parts: Iterable[Message]) -> Sequence[AttachedFile]:
    return [
        AttachedFile(name=_file_name(part), sha256=hashlib.sha256(_payload(part)).hexdigest())
        for part in parts
        if _is_file(part)
    ]


def _links(parts: Iterable[Message]) -> Sequence[str]:
    """The links in a message's texts, each once, as the list of URLs would name them; at most `_MOST_LINKS`."""
    found: dict[str, None] = {}
    looked_at: set[str] = set()
    for written in _written_links(parts):
        if written in looked_at:
            continue
        if len(looked_at) == _MOST_LINKS:
            break
        looked_at.add(written)
        try:
            found[read_as(Kind.URL, written).value] = None
        except InvalidIndicator:
            # A link that no entry can name is none that Microsoft could allow.
            continue
    return list(found)


def _written_links(parts: Iterable[Message]) -> Iterator[str]:
    for part in parts:
        if part.get_content_maintype() != "text" or _is_file(part):
            continue
        text = _written(part)
        if part.get_content_subtype() == "html":
            text = html.unescape(text)
        for match in _LINK.finditer(text):
            yield match[0].rstrip(_BEHIND_LINKS)


def _written(part: Message) -> str:
    content = _payload(part)
    try:
        return content.decode(str(part.get_content_charset() or "utf-8"), "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
