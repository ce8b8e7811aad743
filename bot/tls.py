"""What every outside call has in common: the certificate authorities it believes, and which addresses are outside."""

from __future__ import annotations

import functools
import ipaddress
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from bot.errors import SettingsError


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
    Raises SettingsError when what one of them names can't be read.
    """
    return _context(*(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")))


@functools.cache
def _context(file: str | None, folder: str | None, bundle: str | None) -> ssl.SSLContext:
    """One for all calls: to read the authorities takes tens of milliseconds, and everything answers to the same."""
    problems = authorities_problems()
    if problems:
        raise SettingsError(problems)
    context = ssl.create_default_context()
    if bundle and bundle != file:  # else they are there already
        _load(context, bundle)
    elif not (bundle or file or folder):
        context.load_verify_locations(cafile=certifi.where())
    return context


def authorities_problems() -> tuple[str, ...]:
    """A line for each of the three variables that names what can't be read: OpenSSL would pass over it in silence."""
    problems = []
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        value = os.environ.get(name)
        reason = _why_unusable(value) if value else None
        if reason is not None:
            problems.append(f"{name}: {value!r} can't be used: {reason}.")
    folders = os.environ.get("SSL_CERT_DIR")
    if folders and not any(Path(folder).is_dir() for folder in folders.split(os.pathsep)):
        problems.append(f"SSL_CERT_DIR: {folders!r} is no folder.")
    return tuple(problems)


@functools.lru_cache(maxsize=8)  # asked with the settings, and again for the context: to read them takes a while
def _why_unusable(place: str) -> str | None:
    try:
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), place)
    except (OSError, ValueError) as error:
        return "it holds no certificate in PEM" if isinstance(error, ssl.SSLError) else "it can't be read"
    return None


def _load(context: ssl.SSLContext, place: str) -> None:
    is_folder = Path(place).is_dir()
    context.load_verify_locations(cafile=None if is_folder else place, capath=place if is_folder else None)
