"""What every outside call has in common: the certificate authorities it believes, and which addresses are outside."""

from __future__ import annotations

import ipaddress
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import certifi


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and no other: plain http is allowed, and no proxy stands between."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """The same for an address. One that can't be read is outside."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def outside_context() -> ssl.SSLContext:
    """The context for calls to Slack, Entra, Exchange and Graph.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the machine's authorities, as OpenSSL reads them; `REQUESTS_CA_BUNDLE`
    (a file or a folder) is added. With none of them set, certifi's bundle is added, for machines that have none.
    """
    context = ssl.create_default_context()
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle:
        is_folder = Path(bundle).is_dir()
        context.load_verify_locations(cafile=None if is_folder else bundle, capath=bundle if is_folder else None)
    elif not any(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")):
        context.load_verify_locations(cafile=certifi.where())
    return context
