"""The mail gateways and isolated browsers that rewrite links, and where each keeps the target; and all services.

A link counts by its host, never by its path alone: anybody can put `/owa/redir.aspx?URL=` on a host, to have another
one listed instead.

Sources: the vendors' pages where they describe their links (Proofpoint's decoder, Check Point's and Cisco's
administration guides, Sophos's, Mimecast's and Hornetsecurity's help), and links as they stand in public mailing lists
and repositories where they don't.
"""

from __future__ import annotations

from bot.domain.indicators.link_sites import SITES
from bot.domain.indicators.link_targets import (
    IN_DEFENDER,
    LinkService,
    between_underscores,
    in_base64,
    last_of_path,
    nowhere,
    parameter,
    rest_of_path,
)
from bot.domain.indicators.proofpoint_links import proofpoint_target

_OR_DEFENDER = f"or in {IN_DEFENDER}"

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
        target=parameter("url", "destination"),
    ),
    LinkService(
        name="Microsoft Teams (Safe Links)",
        hosts=("statics.teams.cdn.office.net", "statics.teams.microsoft.com"),
        path="/evergreen-assets/safelinks/",
        target=parameter("url"),
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
        target=parameter("url"),
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
        target=parameter("url"),
    ),
    LinkService(
        name="Mimecast URL Protect",
        hosts=("protect*.mimecast.com", "mimecastprotect.com", "security-*.mimecast.com"),
        target=nowhere,
        domain="domain",
        look=f"Mimecast's administration console (URL Protection, decode URL), {_OR_DEFENDER}",
    ),
    LinkService(
        name="Barracuda Link Protection",
        hosts=("linkprotect.cudasvc.com",),
        target=parameter("a"),
    ),
    LinkService(
        name="Symantec Click-time Protection",
        hosts=("clicktime.symantec.com", "clicktime.email.symantec.com"),
        target=parameter("u", to_the_end=True),
    ),
    LinkService(
        name="Cisco Secure Email",
        hosts=("secure-web.cisco.com", "secure-web.sec.cisco.com"),
        target=last_of_path,
    ),
    LinkService(
        name="Trend Micro Time-of-Click Protection",
        hosts=("trendmicro.com", "trendmicro.eu", "asiainfo-sec.com"),
        path="/wis/clicktime/",
        target=parameter("url"),
        has_own_hosts=False,
    ),
    LinkService(
        name="Sophos Time of Click Protection",
        hosts=("protection.sophos.com",),
        target=in_base64("u"),
        domain="d",
        look=f"Sophos Central (message history, URL), {_OR_DEFENDER}",
    ),
    LinkService(
        name="Trellix (FireEye) URL Defense",
        hosts=("protect*.fireeye.com", "protect*.trellix.com"),
        target=parameter("u", to_the_end=True),
    ),
    LinkService(
        name="Hornetsecurity URL Rewriting",
        hosts=("atpscan.global.hornetsecurity.com", "seclinks.cloud-security.net"),
        target=parameter("u"),
        look=f"Hornetsecurity's URL decoder, {_OR_DEFENDER}",
    ),
    LinkService(
        name="Check Point Click-Time Protection",
        hosts=("protect.checkpoint.com", "url.avanan.click"),
        target=between_underscores,
    ),
    LinkService(
        name="Check Point Click-Time Protection",
        hosts=("url-protection.com",),
        target=parameter("o"),
    ),
    LinkService(
        name="Trustwave MailMarshal", hosts=("scanmail.trustwave.com",), target=parameter("u", to_the_end=True)
    ),
    LinkService(name="EdgePilot", hosts=("link.edgepilot.com",), target=parameter("u")),
    LinkService(name="Topsec", hosts=("scanner.topsec.com",), target=parameter("u")),
    LinkService(name="Libraesva URL Sand", hosts=("urlsand.esvalabs.com",), target=parameter("u")),
    LinkService(name="TitanHQ Link Lock", hosts=("linklock.titanhq.com",), target=parameter("url")),
    LinkService(name="Zix", hosts=("link.zixcentral.com",), target=parameter("u")),
    LinkService(name="Darktrace Antigena", hosts=("z.antigena.com",), target=nowhere),
    LinkService(name="Egress Defend", hosts=("defend.egress.com",), target=nowhere),
    LinkService(name="INKY", hosts=("shared.outlook.inky.com",), target=nowhere, domain="domain"),
    LinkService(name="VIPRE Link Isolation", hosts=("url.emailprotection.link",), target=nowhere),
    LinkService(name="Menlo Security", hosts=("safe.menlosecurity.com",), target=rest_of_path("/")),
    LinkService(
        name="Cloudflare Browser Isolation",
        hosts=("cloudflareaccess.com",),
        path="/browser/",
        target=rest_of_path("/browser/"),
        has_own_hosts=False,
    ),
    LinkService(name="Zscaler Browser Isolation", hosts=("isolation.zscaler.com",), target=parameter("original_url")),
    LinkService(
        name="Netskope",
        hosts=("goskope.com",),
        target=parameter("original_url", "url"),
        has_own_hosts=False,
        path="/rbi",
    ),
    LinkService(name="Forcepoint Email Security", hosts=("mailcontrol.com",), target=nowhere),
)

#: Every service. Of two at one host, the first whose path fits and whose link has a target.
SERVICES: tuple[LinkService, ...] = (*_GATEWAYS, *SITES)
