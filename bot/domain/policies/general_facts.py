"""Which warnings are true of every such change, and which are about the case at hand.

A card shows what is unusual about a request. What holds for every entry of a list, and was read the first time, stands
in the details and in the form that shows everything: beside it, nobody would see what matters here.
"""

from __future__ import annotations

from bot.domain.requests.request import RequestWarning

#: By their codes: what every change of a list or an operation does.
_OF_EVERY_ONE = frozenset(
    {
        "stops_outbound",
        "file_block",
        "refused_at_edge",
        "url_block_reach",
        "spoof_block",
        "spoof_allow",
        "direct_allow",
        "ip_allow_skips_filtering",
        "ip_allow_baseline",
        "ip_allow_shared",
        "ipv6_allow_overrides_ip_filters",
        "safe_list_reserved",
        "filtering_resumes",
        "submission_creates",
        "submission_hands_over",
        "simulation_urls",
        "note_kept_by_portcullis",
    }
)
#: By their codes: what the end, the value or its width say by themselves where they stand.
_SAID_ALREADY = frozenset(
    {
        "never_ends",
        "end_kept_by_portcullis",
        "end_beyond_service",
        "several_addresses",
        "subdomains_not_covered",
        "domain_itself_unsure",
    }
)


def is_general(warning: RequestWarning) -> bool:
    """Whether a warning is true of every such change, so that it tells nothing about this one."""
    return warning.code in _OF_EVERY_ONE or warning.code in _SAID_ALREADY
