"""The sites that lead people out through a page of their own, those that shorten links, and pages about other links.

Of a link that leads out, the target is in it. Of a short link it isn't: an entry for that is about the short link
alone, and says so. A page about a link, such as a result of a scan, is never what somebody wants listed.

Sources: links as they stand in public mailing lists, bug reports and repositories that unwrap them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import starmap

from bot.domain.indicators.link_parts import LinkParts
from bot.domain.indicators.link_targets import (
    LinkService,
    amp_cache,
    amp_viewer,
    archived,
    behind_fragment,
    cached,
    in_base64,
    nowhere,
    parameter,
    ses_path,
    to_the_end_of_query,
    translated,
    yahoo_path,
)


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_YANDEX = ("yandex.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.uz", "yandex.com.tr", "ya.ru")


def _with_google(*names: str, subdomain: str = "") -> tuple[str, ...]:
    tops = (
        "com de at ch fr it es nl be lu pt pl cz sk hu ro bg gr dk se no fi ie ee lv lt ca co.uk com.au com.br com.mx "
        "com.tr co.in co.jp co.kr co.nz co.za com.sg com.hk"
    )
    return (*names, *(f"{subdomain}google.{top}" for top in tops.split()))


#: Name, hosts, what the path begins with, and where the target is. These hosts have much else.
_REDIRECTS: tuple[tuple[str, tuple[str, ...], str, Callable[[LinkParts], str]], ...] = (
    (
        "Outlook on the web",
        ("outlook.office.com", "outlook.office365.com", "outlook.live.com"),
        "/owa/redir.aspx",
        parameter("url"),
    ),
    ("Google", _with_google(), "/url", parameter("q", "url")),
    ("Google AMP", _with_google(), "/amp/", amp_viewer),
    ("Google AMP", ("cdn.ampproject.org",), "", amp_cache),
    ("Google Meet", ("meet.google.com",), "/linkredirect", parameter("dest")),
    ("Google Ads", _with_google("googleadservices.com", "doubleclick.net"), "", parameter("adurl")),
    ("Facebook", ("l.facebook.com", "lm.facebook.com", "l.messenger.com", "facebook.com"), "/l.php", parameter("u")),
    ("Facebook", ("facebook.com",), "/flx/warn/", parameter("u")),
    ("Instagram", ("l.instagram.com",), "", parameter("u")),
    ("WhatsApp", ("l.wl.co",), "/l", parameter("u")),
    ("LinkedIn", ("linkedin.com",), "/redir/", parameter("url")),
    ("LinkedIn", ("linkedin.com",), "/safety/go", parameter("url")),
    ("Bing", ("bing.com",), "/ck/a", in_base64("u", prefix="a1")),
    ("Bing", ("bing.com",), "/aclick", in_base64("u")),
    ("Yahoo", ("r.search.yahoo.com",), "", yahoo_path),
    ("DuckDuckGo", ("duckduckgo.com",), "/l/", parameter("uddg")),
    ("YouTube", ("youtube.com",), "/redirect", parameter("q")),
    ("Slack", ("slack-redir.net",), "/link", parameter("url")),
    ("Reddit", ("out.reddit.com", "click.redditmail.com"), "", parameter("url")),
    ("Tumblr", ("t.umblr.com",), "/redirect", parameter("z")),
    ("href.li", ("href.li",), "", to_the_end_of_query),
    ("VK", ("vk.com", "vk.ru"), "/away.php", parameter("to")),
    ("Steam", ("steamcommunity.com",), "/linkfilter", parameter("url", "u")),
    ("Amazon SES", ("awstrack.me",), "/l0/", ses_path),
    ("GMX", ("service.gmx.net",), "/de/cgi/derefer", parameter("dest")),
    ("Google Translate", _with_google(subdomain="translate."), "/translate", parameter("u")),
    ("Google Translate", _with_google(subdomain="translate."), "/website", parameter("u")),
    ("Google's cache", ("webcache.googleusercontent.com",), "/search", cached),
    ("Internet Archive", ("web.archive.org",), "/web/", archived),
    ("Twitter", ("twitter.com", "x.com"), "/i/redirect", parameter("url")),
    ("Twitter", ("twitter.com", "x.com"), "/safety/unsafe_link_warning", parameter("unsafe_link")),
    ("Instagram", ("instagram.com",), "/linkshim/", parameter("u")),
    ("VK", ("vk.com", "vk.ru"), "/away", parameter("to")),
    ("Telegram", ("t.me",), "/iv", parameter("url")),
    ("Yandex", ("sba.yandex.net", "sba.yandex.ru", "sba.yandex.com"), "/redirect", parameter("url")),
    ("Yandex", _YANDEX, "/clck/jsredir", parameter("url", "to")),
    ("Yandex Translate", tuple(f"translate.{host}" for host in _YANDEX), "/translate", parameter("url")),
    ("Disqus", ("disq.us",), "/", parameter("url")),
    ("Zhihu", ("link.zhihu.com",), "/", parameter("target")),
    ("Bing Translator", ("translatetheweb.com",), "/", parameter("a")),
)

_IN_PATH = (amp_viewer, amp_cache, yahoo_path, ses_path, archived)

_SCANNED = "is a page of {name} about something else, and not what it is about"
_UNKNOWN = "is a link through {name} in which it doesn't stand where it leads"

#: Name, hosts, what the path begins with, where the target is, and what a link without one is: that is asked about.
_ASKED: tuple[tuple[str, tuple[str, ...], str, Callable[[LinkParts], str], str], ...] = (
    ("Google Translate", ("translate.goog",), "", translated, _UNKNOWN),
    ("Gmail's pictures", ("googleusercontent.com",), "/proxy/", behind_fragment, _UNKNOWN),
    ("Gmail's pictures", ("googleusercontent.com",), "/meips/", behind_fragment, _UNKNOWN),
    ("Baidu", ("baidu.com",), "/link", nowhere, _UNKNOWN),
    ("Baidu", ("baidu.com",), "/baidu.php", nowhere, _UNKNOWN),
    (
        "archive.today",
        ("archive.today", "archive.ph", "archive.is", "archive.li", "archive.vn", "archive.fo"),
        "/",
        nowhere,
        _UNKNOWN,
    ),
    ("urlscan", ("urlscan.io",), "/", nowhere, _SCANNED),
    ("VirusTotal", ("virustotal.com",), "/", nowhere, _SCANNED),
    ("Hybrid Analysis", ("hybrid-analysis.com",), "/sample/", nowhere, _SCANNED),
    ("ANY.RUN", ("app.any.run",), "/tasks/", nowhere, _SCANNED),
    ("Joe Sandbox", ("joesandbox.com",), "/analysis/", nowhere, _SCANNED),
    ("AlienVault OTX", ("otx.alienvault.com",), "/indicator/", nowhere, _SCANNED),
    ("Talos", ("talosintelligence.com",), "/reputation_center/", nowhere, _SCANNED),
    ("AbuseIPDB", ("abuseipdb.com",), "/check/", nowhere, _SCANNED),
    ("URLhaus", ("urlhaus.abuse.ch",), "/", nowhere, _SCANNED),
    ("PhishTank", ("phishtank.org", "phishtank.com"), "/phish_detail.php", nowhere, _SCANNED),
    ("Shodan", ("shodan.io",), "/host/", nowhere, _SCANNED),
    ("MXToolbox", ("mxtoolbox.com",), "/", nowhere, _SCANNED),
    ("Defender", ("security.microsoft.com",), "/", nowhere, _SCANNED),
    ("abuse.ch", ("threatfox.abuse.ch", "bazaar.abuse.ch", "feodotracker.abuse.ch"), "/", nowhere, _SCANNED),
    ("Triage", ("tria.ge",), "/", nowhere, _SCANNED),
    ("DomainTools", ("whois.domaintools.com",), "/", nowhere, _SCANNED),
    ("Who.is", ("who.is",), "/", nowhere, _SCANNED),
    ("ViewDNS", ("viewdns.info",), "/", nowhere, _SCANNED),
    ("crt.sh", ("crt.sh",), "/", nowhere, _SCANNED),
    ("Censys", ("search.censys.io", "platform.censys.io"), "/", nowhere, _SCANNED),
    ("GreyNoise", ("viz.greynoise.io",), "/", nowhere, _SCANNED),
    ("Spamhaus", ("check.spamhaus.org",), "/", nowhere, _SCANNED),
    ("Spamhaus", ("spamhaus.org",), "/query/", nowhere, _SCANNED),
    ("Hurricane Electric", ("bgp.he.net",), "/", nowhere, _SCANNED),
    ("IPinfo", ("ipinfo.io",), "/", nowhere, _SCANNED),
    ("check-host.net", ("check-host.net",), "/", nowhere, _SCANNED),
    ("Google's transparency report", ("transparencyreport.google.com",), "/", nowhere, _SCANNED),
    ("Sucuri", ("sitecheck.sucuri.net",), "/results/", nowhere, _SCANNED),
    ("Pulsedive", ("pulsedive.com",), "/indicator/", nowhere, _SCANNED),
    ("X-Force Exchange", ("exchange.xforce.ibmcloud.com",), "/", nowhere, _SCANNED),
    ("SecurityTrails", ("securitytrails.com",), "/domain/", nowhere, _SCANNED),
    ("Netcraft", ("sitereport.netcraft.com",), "/", nowhere, _SCANNED),
    ("URLVoid", ("urlvoid.com",), "/scan/", nowhere, _SCANNED),
    ("Kaspersky", ("opentip.kaspersky.com",), "/", nowhere, _SCANNED),
    (
        "GMX or WEB.DE",
        (
            "deref-gmx.net",
            "deref-gmx.com",
            "deref-gmx.fr",
            "deref-web.de",
            "deref-web-02.de",
            "deref-mail.com",
            "deref-mail-02.com",
            "deref-1und1.de",
            "deref-1und1-02.de",
        ),
        "",
        parameter("redirecturl"),
        _UNKNOWN,
    ),
    (
        "GMX or WEB.DE",
        ("3c.gmx.net", "3c-bs.gmx.es", "3c-bs.gmx.com", "3c.web.de", "3c-bap.web.de", "3c-lxa.mail.com"),
        "/mail/client/dereferrer",
        parameter("redirecturl"),
        _UNKNOWN,
    ),
)
#: Nothing else is at these hosts.
_OWN_HOSTS = frozenset({"translate.goog", "deref-gmx.net"})

#: Hosts at which each path leads somewhere else.
SHORTENERS = _words(
    """
    t.co bit.ly bitly.com j.mp tinyurl.com goo.gl ow.ly is.gd v.gd buff.ly rebrand.ly lnkd.in cutt.ly rb.gy t.ly
    shorturl.at shorturl.asia tiny.cc bl.ink s.id qrco.de fb.me amzn.to dlvr.it trib.al urlz.fr clck.ru vk.cc soo.gd
    u.to kutt.it short.gy shorte.st adf.ly t2m.io snip.ly mcaf.ee ift.tt wp.me t.cn dwz.cn url.cn surl.li n9.cl
    acortar.link me2.do han.gl onelink.to t1p.de kurzelinks.de tny.im x.gd da.gd aka.ms maps.app.goo.gl
    """
)


def _site(
    name: str, hosts: tuple[str, ...], path: str, target: Callable[[LinkParts], str], says: str = ""
) -> LinkService:
    return LinkService(
        name=name,
        hosts=hosts,
        path=path,
        target=target,
        is_gateway=False,
        has_own_hosts=not _OWN_HOSTS.isdisjoint(hosts),
        target_in_query=target not in _IN_PATH,
        says=says.format(name=name),
    )


#: Every site, those first whose links are asked about where they have no target.
SITES: tuple[LinkService, ...] = (*starmap(_site, _ASKED), *starmap(_site, _REDIRECTS))
