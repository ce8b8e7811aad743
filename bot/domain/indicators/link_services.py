"""The services that rewrite links, and where each of them keeps the target.

Mail gateways check a link when it is clicked; sites send people out through a page of their own. A link counts by its
host, never by its path alone: anybody can put `/owa/redir.aspx?URL=` on a host, to have another one listed instead.

Sources: the vendors' pages where they describe their links (Proofpoint's decoder, Check Point's and Cisco's
administration guides, Sophos's, Mimecast's and Hornetsecurity's help), and links as they stand in public mailing lists
and repositories where they don't.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from bot.domain.indicators.link_parts import LinkParts, SeveralTargets, from_base64
from bot.domain.indicators.proofpoint_links import proofpoint_target

_DEFENDER = "the message's details in Defender (Explorer, or the email entity page, under URL)"
_OR_DEFENDER = f"or in {_DEFENDER}"
_STAR_ESCAPE = re.compile(r"\*(?=[0-9a-f]{2})", re.IGNORECASE)
_ONE_SLASH = re.compile(r"(https?):/(?!/)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkService:
    """A service, its hosts, and how its links hold the target."""

    name: str  #: for people
    #: Each one with all that is below it; with a star, as a pattern. The last two labels stand in full.
    hosts: tuple[str, ...]
    #: Empty where the target isn't in the link. Raises SeveralTargets where it could be one of several.
    target: Callable[[LinkParts], str]
    path: str = ""  #: what the path of such a link begins with, in lower case
    is_gateway: bool = True  #: a mail gateway: its links are never what somebody wants listed
    has_own_hosts: bool = True  #: nothing else is at these hosts
    target_in_query: bool = True  #: its links have the same path, or nearly so
    domain: str = ""  #: the parameter with the target's domain
    look: str = _DEFENDER  #: where to find the target


def _parameter(*names: str, to_the_end: bool = False) -> Callable[[LinkParts], str]:
    def target(link: LinkParts) -> str:
        values = [value for name in names if (value := link.value(name, to_the_end=to_the_end))]
        links = dict.fromkeys(value for value in values if "://" in value[:12])
        if len(links) > 1:
            raise SeveralTargets(" ".join(names))
        return next(iter(links or values), "")

    return target


def _in_base64(name: str, *, prefix: str = "") -> Callable[[LinkParts], str]:
    """A parameter in Base64, of either alphabet, with or without the `=` at its end."""

    def target(link: LinkParts) -> str:
        value = unquote(link.raw(name)).removeprefix(prefix).replace("+", "-").replace("/", "_")
        return from_base64(value)

    return target


def _nowhere(_: LinkParts) -> str:
    """The link holds an id only."""
    return ""


def _last_of_path(link: LinkParts) -> str:
    """Cisco: `/<id>/https%3A%2F%2Fevil.example`."""
    return unquote(link.tail[1:].partition("/")[2])


def _between_underscores(link: LinkParts) -> str:
    """Check Point: `/v2/r01/___https://evil.example/a___.<id>`, in which `*2F` stands for `%2F`."""
    _, mark, behind = link.tail.partition("___")
    target = behind.rpartition("___")[0] or behind
    whole = unquote(target[:12]) + _STAR_ESCAPE.sub("%", target[12:])
    # Some of their links are enciphered: then where they lead can't be told.
    return _ONE_SLASH.sub(r"\1://", whole, count=1) if mark and whole.lower().startswith(("http", "www.")) else ""


def _amp_viewer(link: LinkParts) -> str:
    """Google: `/amp/s/evil.example/a`, where `s` stands for https."""
    behind = link.tail[len("/amp/") :]
    bare = behind.removeprefix("s/")
    return f"http{'' if bare == behind else 's'}://{bare}" if "." in bare.partition("/")[0] else ""


def _amp_cache(link: LinkParts) -> str:
    """Google's cache: `evil-example.cdn.ampproject.org/c/s/evil.example/a`."""
    kind, _, behind = link.tail[1:].partition("/")
    if kind not in {"c", "v", "i", "wp"}:
        return ""
    return f"https://{behind.removeprefix('s/')}"


def _to_the_end_of_query(link: LinkParts) -> str:
    """href.li: all of the query."""
    return unquote(link.query)


def _ses_path(link: LinkParts) -> str:
    """Amazon SES: `/L0/https:%2F%2Fevil.example%2Fa/1/<id>`."""
    return unquote(link.path[len("/l0/") :].partition("/")[0])


def _yahoo_path(link: LinkParts) -> str:
    """Yahoo: `/_ylt=…/RU=https%3a%2f%2fevil.example/RK=…`."""
    return unquote(link.path.partition("/RU=")[2].partition("/")[0])


def _with_google(*names: str) -> tuple[str, ...]:
    tops = (
        "com de at ch fr it es nl be lu pt pl cz sk hu ro bg gr dk se no fi ie ee lv lt ca co.uk com.au com.br com.mx "
        "com.tr co.in co.jp co.kr co.nz co.za com.sg com.hk"
    )
    return (*names, *(f"google.{top}" for top in tops.split()))


_GATEWAYS = (
    LinkService(
        name="Microsoft Safe Links",
        hosts=(
            "safelinks.protection.outlook.com",
            "safelinks.protection.office365.us",
            "safelinks.protection.apps.mil",
            "safelinks.protection.partner.outlook.cn",
            "safelinks.protection.outlook.cn",
            "safelinks.o365filtering.com",
            "safelink.emails.azure.net",
        ),
        target=_parameter("url", "destination"),
    ),
    LinkService(
        name="Microsoft Teams (Safe Links)",
        hosts=("statics.teams.cdn.office.net", "statics.teams.microsoft.com"),
        path="/evergreen-assets/safelinks/",
        target=_parameter("url"),
        has_own_hosts=False,
    ),
    LinkService(
        name="Outlook on the web (Safe Links)",
        hosts=(
            "outlook.office.com",
            "outlook.office365.com",
            "outlook.office365.us",
            "outlook.cloud.microsoft",
            "outlook.live.com",
        ),
        path="/mail/safelink.html",
        target=_parameter("url"),
        has_own_hosts=False,
    ),
    LinkService(
        name="Proofpoint URL Defense",
        hosts=("urldefense.proofpoint.com", "urldefense.com", "urldefense.us"),
        target=proofpoint_target,
        look=f"Proofpoint's URL decoder (in the TAP dashboard), {_OR_DEFENDER}",
    ),
    LinkService(
        name="Proofpoint Browser Isolation",
        hosts=("urlisolation.com",),
        target=_parameter("url"),
    ),
    LinkService(
        name="Mimecast URL Protect",
        hosts=("protect*.mimecast.com", "mimecastprotect.com", "security-*.mimecast.com"),
        target=_nowhere,
        domain="domain",
        look=f"Mimecast's administration console (URL Protection, decode URL), {_OR_DEFENDER}",
    ),
    LinkService(
        name="Barracuda Link Protection",
        hosts=("linkprotect.cudasvc.com",),
        target=_parameter("a"),
    ),
    LinkService(
        name="Symantec Click-time Protection",
        hosts=("clicktime.symantec.com", "clicktime.email.symantec.com"),
        target=_parameter("u", to_the_end=True),
    ),
    LinkService(
        name="Cisco Secure Email",
        hosts=("secure-web.cisco.com", "secure-web.sec.cisco.com"),
        target=_last_of_path,
    ),
    LinkService(
        name="Trend Micro Time-of-Click Protection",
        hosts=("trendmicro.com", "trendmicro.eu", "asiainfo-sec.com"),
        path="/wis/clicktime/",
        target=_parameter("url"),
        has_own_hosts=False,
    ),
    LinkService(
        name="Sophos Time of Click Protection",
        hosts=("protection.sophos.com",),
        target=_in_base64("u"),
        domain="d",
        look=f"Sophos Central (message history, URL), {_OR_DEFENDER}",
    ),
    LinkService(
        name="Trellix (FireEye) URL Defense",
        hosts=("protect*.fireeye.com", "protect*.trellix.com"),
        target=_parameter("u", to_the_end=True),
    ),
    LinkService(
        name="Hornetsecurity URL Rewriting",
        hosts=("atpscan.global.hornetsecurity.com", "seclinks.cloud-security.net"),
        target=_parameter("u"),
        look=f"Hornetsecurity's URL decoder, {_OR_DEFENDER}",
    ),
    LinkService(
        name="Check Point Click-Time Protection",
        hosts=("protect.checkpoint.com", "url.avanan.click"),
        target=_between_underscores,
    ),
    LinkService(
        name="Check Point Click-Time Protection",
        hosts=("url-protection.com",),
        target=_parameter("o"),
    ),
    LinkService(
        name="Trustwave MailMarshal", hosts=("scanmail.trustwave.com",), target=_parameter("u", to_the_end=True)
    ),
    LinkService(name="EdgePilot", hosts=("link.edgepilot.com",), target=_parameter("u")),
    LinkService(name="Topsec", hosts=("scanner.topsec.com",), target=_parameter("u")),
    LinkService(name="Libraesva URL Sand", hosts=("urlsand.esvalabs.com",), target=_parameter("u")),
    LinkService(name="TitanHQ Link Lock", hosts=("linklock.titanhq.com",), target=_parameter("url")),
    LinkService(name="Zix", hosts=("link.zixcentral.com",), target=_parameter("u")),
    LinkService(name="Darktrace Antigena", hosts=("z.antigena.com",), target=_nowhere),
    LinkService(name="Egress Defend", hosts=("defend.egress.com",), target=_nowhere),
    LinkService(name="INKY", hosts=("shared.outlook.inky.com",), target=_nowhere, domain="domain"),
    LinkService(name="VIPRE Link Isolation", hosts=("url.emailprotection.link",), target=_nowhere),
)

#: Name, hosts, what the path begins with, and where the target is. These hosts have much else.
_REDIRECTS: tuple[tuple[str, tuple[str, ...], str, Callable[[LinkParts], str]], ...] = (
    (
        "Outlook on the web",
        ("outlook.office.com", "outlook.office365.com", "outlook.live.com"),
        "/owa/redir.aspx",
        _parameter("url"),
    ),
    ("Google", _with_google(), "/url", _parameter("q", "url")),
    ("Google AMP", _with_google(), "/amp/", _amp_viewer),
    ("Google AMP", ("cdn.ampproject.org",), "", _amp_cache),
    ("Google Meet", ("meet.google.com",), "/linkredirect", _parameter("dest")),
    ("Google Ads", _with_google("googleadservices.com", "doubleclick.net"), "", _parameter("adurl")),
    ("Facebook", ("l.facebook.com", "lm.facebook.com", "l.messenger.com", "facebook.com"), "/l.php", _parameter("u")),
    ("Facebook", ("facebook.com",), "/flx/warn/", _parameter("u")),
    ("Instagram", ("l.instagram.com",), "", _parameter("u")),
    ("WhatsApp", ("l.wl.co",), "/l", _parameter("u")),
    ("LinkedIn", ("linkedin.com",), "/redir/", _parameter("url")),
    ("LinkedIn", ("linkedin.com",), "/safety/go", _parameter("url")),
    ("Bing", ("bing.com",), "/ck/a", _in_base64("u", prefix="a1")),
    ("Bing", ("bing.com",), "/aclick", _in_base64("u")),
    ("Yahoo", ("r.search.yahoo.com",), "", _yahoo_path),
    ("DuckDuckGo", ("duckduckgo.com",), "/l/", _parameter("uddg")),
    ("YouTube", ("youtube.com",), "/redirect", _parameter("q")),
    ("Slack", ("slack-redir.net",), "/link", _parameter("url")),
    ("Reddit", ("out.reddit.com", "click.redditmail.com"), "", _parameter("url")),
    ("Tumblr", ("t.umblr.com",), "/redirect", _parameter("z")),
    ("href.li", ("href.li",), "", _to_the_end_of_query),
    ("VK", ("vk.com", "vk.ru"), "/away.php", _parameter("to")),
    ("Steam", ("steamcommunity.com",), "/linkfilter", _parameter("url", "u")),
    ("Amazon SES", ("awstrack.me",), "/l0/", _ses_path),
)

_IN_PATH = (_amp_viewer, _amp_cache, _yahoo_path, _ses_path)

#: Every service. Of two at one host, the first whose path fits and whose link has a target.
SERVICES: tuple[LinkService, ...] = (
    *_GATEWAYS,
    *(
        LinkService(
            name=name,
            hosts=hosts,
            path=path,
            target=target,
            is_gateway=False,
            has_own_hosts=False,
            target_in_query=target not in _IN_PATH,
        )
        for name, hosts, path, target in _REDIRECTS
    ),
)
