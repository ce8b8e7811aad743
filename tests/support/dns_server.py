"""A DNS server on loopback with the records that a test gives it: the playground's. It can be silent, and can lie."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.playground.dns_standin import DnsStandIn as DnsServer
from bot.playground.dns_standin import dns_standin as dns_server

__all__ = ["DnsServer", "dns_in_a_thread", "dns_server"]


@contextmanager
def dns_in_a_thread() -> Iterator[DnsServer]:
    """The same for what runs an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = dns_server()
    try:
        yield asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(timeout=60)
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
