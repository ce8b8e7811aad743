"""Lines in the forms of other programs, where what counts isn't all that stands there: hosts files and SPF records.

`0.0.0.0 evil.example` in a hosts file is about the name; `v=spf1 ip4:203.0.113.0/24 include:bad.example -all` names the
networks that may send, and others that only a look into DNS would tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.indicators.typed_text import quoted

#: Where hosts files send the names that are to lead nowhere.
_NOWHERE = r"(?:0\.0\.0\.0|127\.0\.0\.1|255\.255\.255\.255|::1?|fe80::1%lo0)"
_TO_NOWHERE = rf"\s*{_NOWHERE}[ \t]{{1,80}}(?=\S)"
_HOSTS = re.compile(rf"{_TO_NOWHERE}([^#\n]{{1,2000}})")
_BEHIND_NOWHERE = re.compile(_TO_NOWHERE)
_OWN_NAMES = frozenset(
    {
        *("localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"),  # noqa: S104 - a name in the file
        *("ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters"),
        "ip6-allhosts",
    }
)
_VERSION = r"v=spf1(?=[\s\"]|$)"
_SPF = re.compile(_VERSION, re.IGNORECASE)
_MOST_TERMS = 300
_RECORD = re.compile(rf"\s*[\"'“]?{_VERSION}", re.IGNORECASE)
_ANY_TERM = re.compile(
    r"(?:\s|\")+[+?~-]?(?:ip[46]:|include:|exists:|redirect=|exp=|(?:all|mx|ptr|a)(?=[\s:/\"'”]|$))[^\s\"]*",
    re.IGNORECASE,
)
_NAMES_NETWORK = re.compile(r"[+?~-]?(ip[46]):(\S{1,100})", re.IGNORECASE)
#: Before a record as a name server has it: `evil.example. 300 IN TXT`.
_OWNER = re.compile(r"[\w*.-]{1,255}(?:\s+[0-9]{1,10})?(?:\s+(?:IN|CH))?\s+(?:TXT|SPF)(?:\s*\()?", re.IGNORECASE)
_AROUND = " \t\"'“”„;:=("
_NEEDS_DNS = re.compile(r"[+?~-]?(?:include:|a$|a[:/]|mx$|mx[:/]|ptr$|ptr:|exists:|redirect=)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line: an indicator to be, or the problem with what is none. It has the one or the other."""

    text: str
    code: str = ""
    problem: str = ""
    remark: str = ""  #: what a comment behind it says


def parts_of(line: str) -> list[Part] | None:
    """The parts of a line in another program's form, or None for an ordinary line. Never raises."""
    if "v=spf1" in line.lower() and (match := _SPF.search(line)):
        before = line[: match.start()].strip(_AROUND)
        if before and _OWNER.fullmatch(before) is None:
            return [_behind(before, line[match.start() :])]
        return [*_spf(line[match.end() :]), *([_owner(before)] if before else [])]
    names, _, comment = line.partition("#")
    if match := _HOSTS.fullmatch(names.rstrip()):
        return [_hosts_name(name, comment.strip()) for name in match[1].split()]
    return None


def behind_nowhere(line: str) -> str:
    """What stands behind the address of a hosts file that leads nowhere; empty when a line doesn't begin with one."""
    match = _BEHIND_NOWHERE.match(line)
    return line[match.end() :] if match else ""


def names_itself(behind: str) -> bool:
    """Whether what stands behind the address of a hosts file begins with a computer's own name."""
    return bool(behind) and behind.split(maxsplit=1)[0].lower() in _OWN_NAMES


def end_of_record(line: str) -> int | None:
    """Where the SPF record ends that a line begins with; None when it begins with none."""
    match = _RECORD.match(line)
    if match is None:
        return None
    end = match.end()
    while term := _ANY_TERM.match(line, end):
        end = term.end()
    return end + 1 if line[end : end + 1] in {'"', "'", "”"} else end


def _hosts_name(name: str, comment: str) -> Part:
    if name.lower() in _OWN_NAMES:
        return Part(name, "hosts_own", f"{quoted(name)} is a computer's own name, as every hosts file has it.")
    return Part(name, remark=comment)


def _behind(before: str, record: str) -> Part:
    text = (
        f"An SPF record stands behind {quoted(before)}: is that meant, or the networks that the record names? "
        "Give what is meant by itself."
    )
    return Part(f"{before} {record}", "spf_behind", text)


def _owner(before: str) -> Part:
    name = before.split(maxsplit=1)[0]
    text = (
        f"{quoted(name)} is whose SPF record this is: only the networks in it were read. "
        "If it is meant as well, give it by itself."
    )
    return Part(before, "spf_owner", text)


def _spf(terms: str) -> list[Part]:
    found: list[Part] = []
    # A record may be cut into strings, each in quotation marks.
    for term in re.sub(r"\"\s*\"", "", terms).replace('"', " ").split()[:_MOST_TERMS]:
        if match := _NAMES_NETWORK.fullmatch(term):
            found.append(Part(match[2]))
        elif _NEEDS_DNS.match(term):
            text = f"{quoted(term)} stands for addresses that only DNS tells. Look them up, and import those."
            found.append(Part(term, "spf_indirect", text))
    return found or [Part(terms.strip(), "spf_indirect", "The SPF record names no addresses.")]
