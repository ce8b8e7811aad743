"""Names that must not be blocked as a whole: the tenant's own, public mail providers', everybody's."""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, NoteCode
from bot.domain.indicators.ip_span import read_span
from bot.domain.lists.sender_pattern import read_sender
from bot.domain.lists.traits import Action
from bot.domain.lists.url_pattern import Hosts, Paths, read_url_entry
from bot.domain.policies.case import Case, Findings
from bot.domain.policies.gateway_links import refuse_gateway, warn_of_fragment, warn_of_redirects
from bot.domain.policies.names import holds_own, is_below, is_mail_provider, is_own, is_public_suffix, is_shared_host
from bot.domain.policies.providers import MAIL_PROVIDERS

#: Top-level domains with so much wanted mail that nobody means to block them. Of the countries' those from which mail
#: comes to a business anywhere, every day; what the tenant's own domains end in is refused in any case.
_EVERYBODYS_NAMES = """
    com net org edu gov mil int eu uk de at ch li fr be nl lu it es pt ie dk se no fi is pl cz sk hu ro bg gr hr si ee
    lv lt mt cy us ca au nz jp
"""
_EVERYBODYS = frozenset(_EVERYBODYS_NAMES.split())


def check_sender_name(case: Case, indicator: Indicator, findings: Findings) -> None:
    """A sender block: an address, a domain, or the subdomains of one."""
    sender = read_sender(indicator.value)
    if sender is None:
        return
    shown, domain = defanged(indicator.value), sender.domain
    own = case.accepted_domains
    if indicator.has_note(NoteCode.OWN_DOMAIN) or is_own(domain, own) or (not sender.local and holds_own(domain, own)):
        findings.refuse(
            "own_domain",
            f"{shown} is your own, or holds your own domain: mail in your name would be stopped, and mail to your "
            "people would bounce. Whether that goes for mail among your own people too is not clear from "
            "Microsoft's pages.",
            "To stop others from pretending to be you, block a spoofed sender: the pair of your domain and their "
            "server.",
            indicator=indicator,
        )
    elif sender.local:
        pass  # one person's address may be blocked wherever it is
    elif is_public_suffix(domain):
        _check_suffix(indicator, domain, below=sender.below, findings=findings)
    elif refuse_gateway(indicator, domain, findings, with_subdomains=sender.below):
        pass
    elif _holds_provider(domain, below=sender.below):
        findings.refuse(
            "public_provider",
            f"{shown} is a public mail provider's: a block stops the mail of all its users, in and out.",
            "Block the address of the one sender.",
            indicator=indicator,
        )
    elif is_shared_host(domain):
        _warn_shared(indicator, findings)
    _warn_of_letters(indicator, findings)


def check_url_name(case: Case, indicator: Indicator, findings: Findings) -> None:
    """A URL block: what matters is which hosts it covers as a whole."""
    pattern = read_url_entry(indicator.value, Action.BLOCK)
    if pattern is None or read_span(pattern.host.strip("[]")) is not None:
        return
    shown, host = defanged(indicator.value), pattern.host
    whole = pattern.paths in {Paths.ANY, Paths.NONE} or (pattern.paths is Paths.BELOW and pattern.path == "/")
    reaches_below = pattern.hosts is not Hosts.ITSELF
    own = case.accepted_domains
    warn_of_fragment(indicator, findings)
    if indicator.has_note(NoteCode.OWN_DOMAIN) or is_own(host, own) or (reaches_below and holds_own(host, own)):
        if whole:
            findings.refuse(
                "own_domain",
                f"{shown} is your own, or holds your own domain: mail with links to your sites would be quarantined.",
                "Name the one page, with its path.",
                indicator=indicator,
            )
        else:
            findings.warn("own_site", f"{shown} is on one of your own sites.", serious=True)
    elif whole and is_public_suffix(host):
        _check_suffix(indicator, host, below=True, findings=findings)
    elif whole and _holds_provider(host, below=reaches_below):
        findings.refuse(
            "public_provider",
            f"{shown} is a public mail provider's. The block would also hit every link that has an address there in "
            "it.",
            "Name the one page, with its path.",
            indicator=indicator,
        )
    elif refuse_gateway(indicator, host, findings, with_subdomains=whole and reaches_below):
        pass
    elif whole and is_shared_host(host):
        _warn_shared(indicator, findings)
    else:
        warn_of_redirects(indicator, pattern, findings, with_subdomains=reaches_below)
    _warn_of_letters(indicator, findings)


def _holds_provider(domain: str, *, below: bool) -> bool:
    """Whether the domain is a mail provider's, or (with `below`) holds one that is."""
    if is_mail_provider(domain):
        return True
    return below and any(is_below(provider, domain) for provider in MAIL_PROVIDERS)


def _check_suffix(indicator: Indicator, domain: str, *, below: bool, findings: Findings) -> None:
    shown = defanged(indicator.value)
    if not below or domain.rpartition(".")[2] in _EVERYBODYS:
        findings.refuse(
            "public_suffix",
            f"{shown} names no single owner: everybody can register names under {defanged(domain)}.",
            "Name the domain that the mail or link is from.",
            indicator=indicator,
        )
        return
    findings.warn(
        "whole_suffix",
        f"{shown} blocks every name under .{defanged(domain)}, wanted ones too. Look in your message trace first.",
        serious=True,
    )


def _warn_shared(indicator: Indicator, findings: Findings) -> None:
    findings.warn(
        "shared_host",
        f"{defanged(indicator.value)} is used by very many unrelated people and companies. A block of the whole stops "
        "all of them; a subdomain, address or path hits the one that is meant.",
        serious=True,
    )


def _warn_of_letters(indicator: Indicator, findings: Findings) -> None:
    """What the reader noticed about the name's letters and ending."""
    for note in indicator.notes:
        if note.code in {NoteCode.MIXED_SCRIPTS, NoteCode.PUNYCODE}:
            findings.warn(note.code, f"{defanged(note.text.removesuffix('.'))}.")
        elif note.code == NoteCode.UNKNOWN_SUFFIX:
            findings.warn(note.code, note.text)
