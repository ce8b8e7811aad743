"""Links that a service has rewritten: where they lead, and what is asked where that can't be told."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Kind, NoteCode
from bot.domain.indicators.link_services import SERVICES
from bot.domain.indicators.reader import read, read_as
from bot.domain.indicators.rewritten_links import MOST_LAYERS, redirecting_service, rewriting_service
from bot.errors import InvalidIndicator
from tests.unit.domain.indicators.readings import codes, refused

SAFE = "https://nam02.safelinks.protection.outlook.com/?url="
ENCODED = "https%3A%2F%2Fevil.example%2Fa%3Fb%3D1"
BASE64 = urlsafe_b64encode(b"https://evil.example/a?b=1").decode()

#: A link of each service to evil.example/a?b=1, as the service writes it.
LINKS = [
    # Microsoft Safe Links, in every cloud and place
    (f"{SAFE}{ENCODED}&data=05%7C01%7C&sdata=x%3D&reserved=0", "Microsoft Safe Links"),
    (f"{SAFE}{ENCODED}&amp;data=05%7C01%7C&amp;reserved=0", "Microsoft Safe Links"),
    (f"hxxps://nam02[.]safelinks[.]protection[.]outlook[.]com/?url={ENCODED}", "Microsoft Safe Links"),
    (f"nam02.safelinks.protection.outlook.com/ap/w-59584e83/?url={ENCODED}", "Microsoft Safe Links"),
    (f"https://usg02.safelinks.protection.office365.us/?url={ENCODED}", "Microsoft Safe Links"),
    (f"https://safelinks.protection.apps.mil/?url={ENCODED}", "Microsoft Safe Links"),
    (f"https://chn01.safelinks.protection.partner.outlook.cn/?url={ENCODED}", "Microsoft Safe Links"),
    (
        f"https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url={ENCODED}&locale=en",
        "Microsoft Teams",
    ),
    (f"https://outlook.office.com/mail/safelink.html?corid=1&url={ENCODED}", "Outlook on the web"),
    # Proofpoint, in its three versions
    (f"https://urldefense.proofpoint.com/v1/url?u={ENCODED}&k=x%3D", "Proofpoint"),
    ("https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example_a-3Fb-3D1&d=DwMF&c=x", "Proofpoint"),
    ("https://urldefense.com/v3/__https://evil.example/a?b=1__;!!abc!de-f_$", "Proofpoint"),
    ("https://urldefense.com/v3/__https:/evil.example/a?b=1__;!!abc!de-f_$", "Proofpoint"),
    ("https://urldefense.us/v3/__https://evil.example/a*b=1__;Pw!!abc!def$", "Proofpoint"),
    ("https://urldefense.com/v3/__https:**Aevil.example/a*b=1__;Ly8_!!abc!def$", "Proofpoint"),
    # other gateways
    ("https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fevil.example%2fa%3fb%3d1&c=E,1,x&typo=1", "Barracuda"),
    (f"https://clicktime.symantec.com/38YrYPLxx?u={ENCODED}", "Symantec"),
    (f"https://clicktime.symantec.com/a/1/3esCK=?d=wUox&u={ENCODED}", "Symantec"),
    ("https://clicktime.symantec.com/15xVSd?h=6gce=&u=https://evil.example/a?b=1", "Symantec"),
    (f"https://secure-web.cisco.com/1WjgX-S_x/{ENCODED}", "Cisco"),
    (f"https://cas5-0-urlprotect.trendmicro.com:443/wis/clicktime/v1/query?url={ENCODED}&umid=x&auth=y", "Trend Micro"),
    (f"https://eu-west-1.protection.sophos.com/?d=evil.example&u={BASE64}&i=x&t=y&h=z", "Sophos"),
    (f"https://eu-west-1.protection.sophos.com?d=evil.example&u={BASE64.rstrip('=')}&i=x", "Sophos"),
    (f"https://protect2.fireeye.com/v1/url?k=8&q=1&e=6&u={ENCODED}", "FireEye"),
    ("https://protect2.fireeye.com/url?k=1ff.1f&u=https://evil.example/a?b=1", "FireEye"),
    (f"https://atpscan.global.hornetsecurity.com/?d=a&f=b&i=&k=c&m=d&n=e&r=f&s=g&u={ENCODED}", "Hornetsecurity"),
    ("https://protect.checkpoint.com/v2/___https://evil.example/a?b=1___.YzJ1OnN0", "Check Point"),
    ("https://protect.checkpoint.com/v2/r01/___https:/evil.example/a?b=1___.YzJ1OnN0", "Check Point"),
    ("https://protect.checkpoint.com/v2/r01/___https%3A//evil.example/a?b=1___.YzJ1OnN0", "Check Point"),
    ("https://url.avanan.click/v2/___https://evil.example/a?b=1___.YXAz", "Check Point"),
    ("https://checkpoint.url-protection.com/v1/r07/url?o=https%3A//evil.example/a%3Fb%3D1&amp;g=Njg", "Check Point"),
    (f"https://scanmail.trustwave.com/?c=20988&d=n8HL&u={ENCODED}", "Trustwave"),
    ("https://link.edgepilot.com/s/4239f747/ca21cb?u=https://evil.example/a?b=1", "EdgePilot"),
    (f"https://linklock.titanhq.com/analyse?url={ENCODED}&data=eJx", "TitanHQ"),
    (f"https://link.zixcentral.com/u/08573078/uLbJvu8j?u={ENCODED}", "Zix"),
    # isolated browsers
    ("https://safe.menlosecurity.com/https://evil.example/a?b=1", "Menlo"),
    ("https://safe.menlosecurity.com/evil.example/a?b=1", "Menlo"),
    ("https://team.cloudflareaccess.com/browser/https://evil.example/a?b=1", "Cloudflare"),
    (f"https://team.cloudflareaccess.com/browser/{ENCODED}", "Cloudflare"),
    (f"https://32cc058f.isolation.zscaler.com/profile/x/zia-session/?tenant=9&original_url={ENCODED}&key=x", "Zscaler"),
    # what webmail, translators and archives make of a link
    (f"https://deref-gmx.net/mail/client/Gm_oCFfV0VM/dereferrer/?redirectUrl={ENCODED}", "GMX"),
    (f"https://deref-web-02.de/mail/client/x/dereferrer/?redirectUrl={ENCODED}&lm", "WEB.DE"),
    (f"https://deref-mail.com/mail/client/dereferrer/?redirectUrl={quote(ENCODED, safe='')}", "GMX"),
    (f"https://3c.web.de/mail/client/dereferrer?redirectUrl={ENCODED}", "WEB.DE"),
    (f"https://translate.google.com/translate?sl=auto&tl=en&u={ENCODED}", "Google Translate"),
    ("https://translate.google.de/website?sl=uk&tl=de&u=https://evil.example/a?b%3D1", "Google Translate"),
    ("https://evil-example.translate.goog/a?b=1&_x_tr_sl=auto&_x_tr_tl=en&_x_tr_hl=en", "Google Translate"),
    ("https://evil-example.translate.goog/a?_x_tr_sch=http&b=1&_x_tr_sl=auto", "Google Translate"),
    ("https://web.archive.org/web/20260101000000/https://evil.example/a?b=1", "Internet Archive"),
    ("https://web.archive.org/web/20260101000000if_/http://evil.example/a?b=1", "Internet Archive"),
    ("https://web.archive.org/web/2026*/evil.example/a?b=1", "Internet Archive"),
    ("https://ci3.googleusercontent.com/proxy/LaM6v-x=s0-d-e1-ft#https://evil.example/a?b=1", "Gmail's pictures"),
    ("https://ci3.googleusercontent.com/meips/ADKq_x=s0-d-e1-ft#https://evil.example/a?b=1", "Gmail's pictures"),
    # sites that lead out
    (f"https://yandex.ru/clck/jsredir?from=yandex.ru&text=&url={ENCODED}&state=x", "Yandex"),
    (f"https://sba.yandex.net/redirect?url={ENCODED}&client=clck&sign=x", "Yandex"),
    (f"https://vk.com/away.php?to={ENCODED}&cc_key=", "VK"),
    (f"https://steamcommunity.com/linkfilter/?u={ENCODED}", "Steam"),
    ("https://steamcommunity.com/linkfilter/?url=https://evil.example/a?b=1", "Steam"),
    (f"https://twitter.com/i/redirect?url={ENCODED}&t=1", "Twitter"),
    (f"https://x.com/safety/unsafe_link_warning?unsafe_link={ENCODED}", "Twitter"),
    (f"https://www.linkedin.com/safety/go?url={ENCODED}&trk=x", "LinkedIn"),
    (f"https://www.instagram.com/linkshim/?u={ENCODED}", "Instagram"),
    (f"https://outlook.office365.com/owa/redir.aspx?REF=x&URL={ENCODED}", "Outlook on the web"),
    (f"https://www.google.com/url?sa=t&url={ENCODED}&usg=x", "Google"),
    ("https://www.google.de/url?q=https://evil.example/a?b%3D1&sa=D&source=editors", "Google"),
    ("https://www.google.com/amp/s/evil.example/a?b=1", "Google AMP"),
    ("https://evil-example.cdn.ampproject.org/c/s/evil.example/a?b=1", "Google AMP"),
    (f"https://l.facebook.com/l.php?u={ENCODED}&h=AT0", "Facebook"),
    (f"https://l.instagram.com/?u={ENCODED}&e=AT0", "Instagram"),
    (f"https://www.linkedin.com/redir/redirect?url={ENCODED}&urlhash=x", "LinkedIn"),
    (f"https://www.bing.com/ck/a?!&&p=6dec&u=a1{BASE64.rstrip('=')}&ntb=1", "Bing"),
    (f"https://www.youtube.com/redirect?event=video&q={ENCODED}", "YouTube"),
    (f"https://slack-redir.net/link?url={ENCODED}&v=3", "Slack"),
    (f"https://duckduckgo.com/l/?uddg={ENCODED}&rut=x", "DuckDuckGo"),
    (f"https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU={ENCODED}/RK=2/RS=x-", "Yahoo"),
    (f"https://x1.r.awstrack.me/L0/{ENCODED}/1/0100-x", "Amazon SES"),
]


@pytest.mark.parametrize(("typed", "service"), LINKS)
def test_a_rewritten_link_stands_for_where_it_leads(typed: str, service: str) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.URL, "evil.example/a?b=1")
    (note,) = [note for note in indicator.notes if note.code == NoteCode.LINK_UNWRAPPED]
    assert service in note.text
    assert read_as(Kind.URL, typed).value == indicator.value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        # one service after the other
        (f"{SAFE}{quote(f'{SAFE}{ENCODED}&data=1', safe='')}&data=2", "evil.example/a?b=1"),
        (f"{SAFE}{quote('https://urldefense.com/v3/__https://evil.example/a__;!!x!y$', safe='')}", "evil.example/a"),
        # what the target itself has to lose is told as ever
        (f"{SAFE}{quote('https://user@evil.example:8443/a#b', safe='')}", "evil.example/a"),
        (f"{SAFE}{quote('https://BÜCHER.example/ü', safe='')}", "xn--bcher-kva.example/%C3%BC"),
        (f"{SAFE}hxxps%3A%2F%2Fevil[.]example%2Fa", "evil.example/a"),
        (f"{SAFE}hxxps%3A%2F%2Fevil.example%2Fa", "evil.example/a"),
        (f"{SAFE}{ENCODED}&url={ENCODED}", "evil.example/a?b=1"),
        (f"https://www.google.com/url?sa=t&q=some+words&url={ENCODED}", "evil.example/a?b=1"),
        ("https://clicktime.symantec.com/15xVSd?u=https://evil.example/a?u=1&u=2", "evil.example/a?u=1&u=2"),
        (f"{SAFE}www.evil.example%2Fa", "www.evil.example/a"),
        # a bare host leads to all of it, and is a URL all the same
        (f"{SAFE}https%3A%2F%2Fevil.example", "evil.example"),
        (f"URL: {SAFE}{ENCODED}", "evil.example/a?b=1"),
        # Slack shows what a mail program showed
        (f"<{SAFE}{ENCODED}&amp;data=1|https://evil.example/a?b=1>", "evil.example/a?b=1"),
        (f"<{SAFE}{ENCODED}&amp;data=1|evil.example/a?b=1>", "evil.example/a?b=1"),
    ],
)
def test_the_target_is_read_like_any_other_link(typed: str, value: str) -> None:
    indicator = read(typed)
    assert (indicator.kind, indicator.value) == (Kind.URL, value)
    assert indicator.has_note(NoteCode.LINK_UNWRAPPED)


def test_the_note_names_each_service_once() -> None:
    proofpoint = "https://urldefense.com/v3/__https://evil.example/__;!!x!y$"
    once = f"{SAFE}{quote(proofpoint, safe='')}"
    twice = f"{SAFE}{quote(once, safe='')}"
    (note,) = [note for note in read(twice).notes if note.code == NoteCode.LINK_UNWRAPPED]
    assert "Microsoft Safe Links, then Proofpoint URL Defense" in note.text


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        (
            "https://protect-us.mimecast.com/s/abc?domain=evil.example",
            "only the domain evil.ex",
            "https://evil.example",
        ),
        ("https://url.uk.m.mimecastprotect.com/s/YP9XC", "Mimecast", "Mimecast's administration console"),
        (
            "https://eu-west-1.protection.sophos.com/?d=evil.example&i=x",
            "only the domain evil.ex",
            "Sophos Central",
        ),
        (
            "https://shared.outlook.inky.com/link?domain=evil.example&t=h.eJx",
            "only the domain evil.ex",
            "Defender",
        ),
        ("https://us01.z.antigena.com/l/Er4kZWDmvL5", "where it leads isn't in it", "Defender"),
        ("https://links.us1.defend.egress.com/Warning?crId=1&Domain=x", "where it leads isn't in it", "Defender"),
        ("https://url.emailprotection.link/?bkrcT345", "where it leads isn't in it", "Defender"),
        (
            "https://atpscan.global.hornetsecurity.com/index.php?atp_str=x",
            "isn't in it",
            "Hornetsecurity's URL decoder",
        ),
        (f"{SAFE}", "isn't in it", "Defender"),
        ("https://nam02.safelinks.protection.outlook.com/a", "isn't in it", "Defender"),
        ("https://urldefense.com/v3/__https://evil.example/a*b__;", "isn't in it", "Proofpoint's URL decoder"),
        ("https://protect.checkpoint.com/v2/r02/___mYYux:..jAfruqj.htr___.YzJ1", "isn't in it", ""),
        (f"{SAFE}mailto%3Abob%40evil.example", "leads to no web page but to ‘mailto:bob@evil.example’", ""),
        (f"{SAFE}javascript%3Aalert(1)", "leads to no web page", ""),
        (f"{SAFE}https%3A%2F%2Fevil%00.example", "control character", ""),
        (f"{SAFE}https%3A%2F%2Fgood.example&url={ENCODED}", "names several targets", "Type where it leads"),
        (f"{SAFE}https%3A%2F%2Fgood.example&URL={ENCODED}", "names several targets", ""),
        (f"{SAFE}https%3A%2F%2Fgood.example&%75rl={ENCODED}", "names several targets", ""),
        (f"{SAFE}https%3A%2F%2Fgood.example&destination={ENCODED}", "names several targets", ""),
        (f"{SAFE}https%3A%2F%2Fgood.example&data=1&amp;url={ENCODED}", "names several targets", ""),
        (f"https://link.edgepilot.com/s/1/2?u={ENCODED}&u=https://good.example", "names several targets", ""),
        (f"https://eu.protection.sophos.com/?d=x&u={BASE64}&u=aHR0cHM6Ly9nb29kLmV4YW1wbGU", "several targets", ""),
        (f"https://www.google.com/url?q=https://good.example&url={ENCODED}", "names several targets", ""),
        (f"https://l.facebook.com/l.php?u=https://good.example&u={ENCODED}", "names several targets", ""),
        (f"<{SAFE}{ENCODED}|https://good.example>", "shows ‘https://good.example’", "one of the two"),
    ],
)
def test_what_cant_be_told_is_asked_about(typed: str, what: str, remedy: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert remedy in error.remedy
    assert "protection.outlook.com" not in error.remedy
    assert "*" not in error.remedy


ABOUT = [
    ("https://urlscan.io/result/fc77d0a4-9cd1-4be1-b464-e133c85328dc/", "a page of urlscan about something else"),
    ("https://www.virustotal.com/gui/url/c414cf3f/detection", "a page of VirusTotal about something else"),
    ("virustotal.com/gui/domain/evil.example", "a page of VirusTotal about something else"),
    (
        "https://security.microsoft.com/url?url=https%3A%2F%2Fevil.example%2Fa",
        "a page of Defender about something else",
    ),
    ("https://bazaar.abuse.ch/sample/" + "ab" * 32, "a page of abuse.ch about something else"),
    ("https://www.spamhaus.org/query/ip/203.0.113.7", "a page of Spamhaus about something else"),
    ("https://crt.sh/?q=evil.example", "a page of crt.sh about something else"),
    ("https://ipinfo.io/203.0.113.7", "a page of IPinfo about something else"),
    ("https://otx.alienvault.com/indicator/domain/evil.example", "a page of AlienVault OTX about something else"),
    ("https://www.abuseipdb.com/check/203.0.113.7", "a page of AbuseIPDB about something else"),
    ("https://deref-gmx.net/mail/client/x/dereferrer/", "it doesn't stand where it leads"),
    ("https://evil-example.translate.goog/a", "it doesn't stand where it leads"),
    ("https://aaaa.translate.goog/a?_x_tr_hp=evil&_x_tr_sl=auto", "it doesn't stand where it leads"),
    ("https://ci3.googleusercontent.com/meips/ADKq_x", "it doesn't stand where it leads"),
    ("https://www.baidu.com/link?url=pnkR1YGsw5a7J4Ud_Cme6xB1KwgQb", "it doesn't stand where it leads"),
    ("https://archive.ph/AbCdE", "it doesn't stand where it leads"),
    ("https://team.cloudflareaccess.com/browser/", "where it leads isn't in it"),
    ("https://32cc058f.isolation.zscaler.com/profile/x/", "where it leads isn't in it"),
    ("https://www.mailcontrol.com/sr/VfMHRVT2LfHGX2PQPO", "where it leads isn't in it"),
]


@pytest.mark.parametrize(("typed", "what"), ABOUT)
def test_a_page_about_a_link_is_never_meant(typed: str, what: str) -> None:
    error = refused(typed)
    assert what in error.what
    assert error.remedy


@pytest.mark.parametrize(
    "typed", ["https://t.co/abc", "bit.ly/abc", "https://www.tinyurl.com/abc", f"{SAFE}https%3A%2F%2Fbit.ly%2Fabc"]
)
def test_of_a_short_link_it_is_said_that_nobody_knows_where_it_leads(typed: str) -> None:
    (note,) = [note for note in read(typed).notes if note.code == NoteCode.SHORT_LINK]
    assert "this short link alone" in note.text


def test_a_shorteners_whole_host_leads_anywhere() -> None:
    assert redirecting_service("bit.ly", "") == "bit.ly"
    assert redirecting_service("bit.ly", "/abc") == ""
    assert NoteCode.SHORT_LINK not in codes(read("https://bit.ly"))


def test_a_hyphen_in_a_translated_name_is_kept() -> None:
    assert read("https://e--vil-example.translate.goog/a?_x_tr_sl=auto").value == "e-vil.example/a"


def test_a_link_is_followed_so_far_and_no_further() -> None:
    link = "https://evil.example/a"
    for _ in range(MOST_LAYERS):
        link = f"https://l.wl.co/l?u={quote(link, safe='')}"
    assert read(link).value == "evil.example/a"
    assert "more than 5 times" in refused(f"https://l.wl.co/l?u={quote(link, safe='')}").what


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("https://nam02.safelinks.protection.outlook.com@evil.example/?url=https%3A%2F%2Fgood.example", "evil.example"),
        ("https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fgood.example", "safelinks."),
        ("https://notgoogle.com/url?q=https://good.example", "notgoogle.com/url"),
        ("https://www.google.com/search?q=https://good.example", "www.google.com/search"),
        ("https://www.google.com/url?q=evil", "www.google.com/url"),
        ("https://docs.google.com/document/d/x", "docs.google.com/document"),
        ("https://evil.example/?url=https%3A%2F%2Fgood.example", "evil.example/?url="),
        ("https://evil.example/owa/redir.aspx?URL=https%3A%2F%2Fgood.example", "evil.example/owa/redir.aspx"),
        ("https://www.youtube.com/watch?v=x", "www.youtube.com/watch"),
        ("https://web.archive.org/about", "web.archive.org/about"),
        ("https://lh3.googleusercontent.com/abc", "lh3.googleusercontent.com/abc"),
        ("https://twitter.com/evil/status/1", "twitter.com/evil/status/1"),
        ("https://evil.example/mail/client/x/dereferrer/?redirectUrl=https%3A%2F%2Fgood.example", "evil.example/mail"),
        ("https://trendmicro.com/a?url=https%3A%2F%2Fgood.example", "trendmicro.com/a"),
    ],
)
def test_other_links_stay_what_they_are(typed: str, value: str) -> None:
    indicator = read(typed)
    assert indicator.value.startswith(value)
    assert not indicator.has_note(NoteCode.LINK_UNWRAPPED)


@pytest.mark.parametrize(
    ("typed", "noted"),
    [
        ("nam02.safelinks.protection.outlook.com", True),
        ("*.safelinks.protection.outlook.com", True),
        ("https://nam02.safelinks.protection.outlook.com/", True),
        ("https://nam02.safelinks.protection.outlook.com/*", True),
        ("~urldefense.com", True),
        ("protect-eu.mimecast.com", True),
        ("https://linkprotect.cudasvc.com", True),
        ("https://evil-example.translate.goog/", True),
        ("deref-web.de", True),
        # what holds one
        ("*.protection.outlook.com", True),
        ("https://mimecast.com", True),
        ("~outlook.com~", True),
        ("mimecast.com", False),  # as a sender a domain doesn't cover its subdomains
        ("https://mimecast.com/a", False),
        # and what is only like one
        ("bob@protection.outlook.com", False),
        ("notmimecast.com", False),
        ("www.google.com", False),
        ("statics.teams.cdn.office.net", False),
        ("evil.example", False),
        ("*.click/*", False),
        ("*.click", False),
    ],
)
def test_a_gateways_own_host_is_noted(typed: str, noted: bool) -> None:
    assert (NoteCode.WRAPPER_HOST in codes(read(typed))) is noted


def test_no_two_services_contend_for_a_host() -> None:
    gateways = [service for service in SERVICES if service.has_own_hosts]
    hosts = [host for service in gateways for host in service.hosts]
    assert len(hosts) == len(set(hosts))
    assert all(rewriting_service(host.replace("*", "-us")) == s.name for s in gateways for host in s.hosts)
    assert all(
        len(host.split(".")) > 1 and "*" not in ".".join(host.split(".")[-2:]) for s in SERVICES for host in s.hosts
    )


HOSTS = st.sampled_from([host.replace("*", "-us") for service in SERVICES for host in service.hosts])
TAILS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "/",
                "?",
                "&",
                "u=",
                "url=",
                "q=",
                "d=",
                "/v3/__",
                "__;",
                "!!",
                "*",
                "**A",
                "___",
                ENCODED,
                BASE64,
                "/url",
                "#",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=10,
).map("".join)


@given(HOSTS, TAILS)
@example("urldefense.com", "/v3/__https://evil.example/__;_w!!")
@example("r.search.yahoo.com", "/RU=http://www.google.com/url?q=http://a.example")
@example("mxtoolbox.com", "?/")
def test_whatever_such_a_host_is_followed_by_is_read_or_refused(host: str, tail: str) -> None:
    try:
        indicator = read(f"https://{host}{tail}")
    except InvalidIndicator:
        return
    assert indicator.value.isascii()
    assert read_as(indicator.kind, indicator.value).value == indicator.value
    assert all(note.text.strip() for note in indicator.notes)


@given(st.from_regex(r"https://[a-z]{1,9}\.example(/[A-Za-z0-9._~!$'()+,;=:@%20-]{0,12}){0,2}", fullmatch=True))
def test_a_target_is_the_same_through_safe_links_as_by_itself(link: str) -> None:
    try:
        alone = read(link)
    except InvalidIndicator:
        return
    assert read(f"{SAFE}{quote(link, safe='')}&data=1").value == alone.value
