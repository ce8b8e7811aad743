"""The addresses in a mail header such as From, whatever somebody wrote there."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import getaddresses


def header_addresses(written: Sequence[str]) -> list[str]:
    """What stands in the place of an address in headers as they were written; whether it is one is for the caller.

    Never raises: of comments within comments, deeper than a parser can follow, there are no addresses.
    """
    try:
        return [address for _, address in getaddresses(written)]
    except RecursionError:
        return []
