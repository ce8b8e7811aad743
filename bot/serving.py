"""`portcullis run`, from the first connection to the last: migrate, connect, serve, and stop cleanly."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress

import structlog
import uvicorn

from bot import __version__
from bot.bootstrap import Portcullis, build, process_name
from bot.errors import SettingsError, SlackError, StoreError, WrongInstall
from bot.garbage import look_seldom
from bot.gauges import DatabaseGauges
from bot.heap import give_back_soon
from bot.later import make_all
from bot.metrics import Metrics
from bot.readiness import Readiness
from bot.settings import PREFIX, ServerSettings, Settings
from bot.slack.client import keeping_connections
from bot.slack.deaf_watch import DeafWatch
from bot.slack.reach_watch import ask_now_and_then
from bot.slack.socket_mode import SocketMode
from bot.store import Store
from bot.store.process_lock import only_process
from bot.store.upgrading import bring_up_to_date
from bot.store.write_probe import WriteProbe
from bot.switching import give_way_soon
from bot.web.connections import BACKLOG, MOST_HEAD, BoundedProtocol
from bot.web.edge import build_edge
from bot.web.metrics_page import MetricsPage

_log = structlog.get_logger(__name__)

#: How long work under way may take to end after SIGTERM, in seconds. Platforms usually kill after 30.
GRACE = 20.0

#: After so many seconds without a Socket Mode connection the process ends, for a service manager to start a new one.
DEAF_FOR = 600.0

#: How often that is looked at, in seconds.
_LOOK_EVERY = 5.0

#: What no start waits for is made once Slack can be worked with: looked at so often, in seconds, and so many times.
_REST_EVERY, _REST_AFTER = 0.1, 30

#: The longest pause between two greetings that Slack didn't answer, in seconds.
_LONGEST_PAUSE = 10.0


async def serve(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT, and return the exit code.

    Raises SettingsError when the port can't be used, or the bot token isn't for the one workspace that is served, and
    StoreError when another process serves the database, or when it can't be migrated.
    """
    give_back_soon()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        # Taken before anything is changed: who starts it a second time by mistake gets a line, and no half a bot.
        listeners = await listen(settings.server)
        for listener in listeners:
            stack.callback(listener.close)
        alone = stack.enter_context(only_process(settings.database.database_url))
        if not await _up_to_date(settings.database.database_url, stop):
            _log.info("stopped")
            return 0
        whole = build(settings)
        stack.push_async_callback(whole.context.store.close)
        if alone:
            await _free_jobs(whole.context.store)
        stack.push_async_callback(whole.context.tenant.close)
        if whole.context.who_is is not None:
            stack.push_async_callback(whole.context.who_is.close)
        stack.callback(whole.context.reader.close)
        if whole.context.audit_records is not None:
            stack.push_async_callback(whole.context.audit_records.close)
        if whole.context.submissions is not None:
            stack.push_async_callback(whole.context.submissions.close)
        if whole.context.tracing is not None:
            stack.push_async_callback(whole.context.tracing.close)
        await stack.enter_async_context(keeping_connections(whole.workspace.client))
        socket_mode = _socket_mode(settings, whole)
        database = WriteProbe(settings.database.database_url, tenant_id=settings.tenant.tenant_id)
        stack.push_async_callback(database.close)
        readiness = Readiness(database=database, workspace=whole.workspace, reach=whole.reach, socket_mode=socket_mode)
        gauges = DatabaseGauges(whole.context.store, whole.jobs.lanes, is_slack_well=readiness.is_slack_well)
        stack.push_async_callback(gauges.close)
        whole.metrics.registry.register(gauges)
        server = _server(settings, whole, readiness, gauges)
        look_seldom()
        give_way_soon()
        parts = [
            asyncio.create_task(whole.worker.run(stop), name="worker"),
            asyncio.create_task(server.serve(listeners), name="http"),
            asyncio.create_task(whole.scheduler.run(stop), name="scheduler"),
            asyncio.create_task(whole.lookout.run(stop), name="lookout"),
            asyncio.create_task(_connect(whole, socket_mode, stop), name="slack"),
            asyncio.create_task(ask_now_and_then(whole.workspace.client, whole.reach, stop), name="reach"),
            asyncio.create_task(_make_the_rest(readiness, stop), name="later"),
        ]
        if socket_mode is not None:
            watch = DeafWatch(socket_mode, whole.context.store, process=process_name(), ends_after=DEAF_FOR)
            parts.append(asyncio.create_task(watch.run(stop), name="deaf watch"))
        addresses = [_address(listener) for listener in listeners]
        _log.info("started", version=__version__, slack=settings.slack.slack_mode, http=addresses)
        stopped = asyncio.create_task(stop.wait())
        # Each part ends only when told to, or when it can't go on: then the others don't go on alone.
        await asyncio.wait({stopped, *parts}, return_when=asyncio.FIRST_COMPLETED)
        told = stop.is_set()
        await _wind_down(stop, server, parts)
        stopped.cancel()
    _log.info("stopped")
    return 0 if told else 1


async def _up_to_date(url: str, stop: asyncio.Event) -> bool:
    """Bring the database to this version; False when told to stop before that was done: then nothing was changed.

    Raises StoreError.
    """
    migrating, stopped = asyncio.create_task(bring_up_to_date(url)), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({migrating, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        if not migrating.done():
            migrating.cancel()
            await asyncio.wait({migrating})
    # A service manager tells the process that migrates as well, which then ends before its time.
    if migrating.cancelled() or (stop.is_set() and migrating.exception() is not None):
        return False
    migrating.result()
    return True


async def _free_jobs(store: Store) -> None:
    """What the process before this one was doing when it died goes on at once. Raises StoreError."""
    async with store.write() as uow:
        freed = await uow.jobs.free()
    if freed:
        _log.info("jobs of a process that died go on", jobs=freed)


async def _wind_down(stop: asyncio.Event, server: uvicorn.Server, parts: list[asyncio.Task[None]]) -> None:
    """First the intake, then the work under way. What isn't done is on disk, and goes on at the next start.

    Raises SettingsError when that is what a part ended by.
    """
    stop.set()
    server.should_exit = True
    _, late = await asyncio.wait(parts, timeout=GRACE)
    for part in late:
        part.cancel()
    results = await asyncio.gather(*parts, return_exceptions=True)
    for part, result in zip(parts, results, strict=True):
        if isinstance(result, SettingsError):
            raise result
        if isinstance(result, Exception):
            _log.error("a part failed", part=part.get_name(), exc_info=result)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The signals are ours: the intake has to end before the work does."""
        yield


def _server(settings: Settings, whole: Portcullis, readiness: Readiness, gauges: DatabaseGauges) -> uvicorn.Server:
    secret = settings.slack.slack_signing_secret
    takes_deliveries = settings.slack.slack_mode == "http"
    edge = build_edge(
        readiness=readiness.checks,
        slack=whole.slack if takes_deliveries else None,
        signing_secret=secret.get_secret_value() if secret else "",
        metrics=_metrics_page(settings.server, whole.metrics, gauges),
    )
    return _Server(
        uvicorn.Config(
            edge,
            http=BoundedProtocol,
            h11_max_incomplete_event_size=MOST_HEAD,
            backlog=BACKLOG,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
    )


def _metrics_page(settings: ServerSettings, metrics: Metrics, gauges: DatabaseGauges) -> MetricsPage | None:
    async def rendering(accept: str) -> tuple[bytes, str]:
        await gauges.refresh()
        return metrics.rendered(accept)

    token = settings.metrics_token
    return None if token is None else MetricsPage(token=token.get_secret_value(), rendering=rendering)


async def listen(settings: ServerSettings) -> list[socket.socket]:
    """Sockets on every address that HTTP_HOST stands for. Raises SettingsError when one can't be used."""
    host, port = settings.http_host, settings.http_port
    listeners: list[socket.socket] = []
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, _, _, _, address in dict.fromkeys(found):
            listener = socket.create_server(address[:2], family=family, backlog=2048)
            # asyncio does this only for sockets that name their protocol: else each answer waits some 40 ms.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listeners.append(listener)
    except OSError as error:
        for listener in listeners:
            listener.close()
        reason = str(error.strerror or error)
        problem = f"{PREFIX}HTTP_HOST and {PREFIX}HTTP_PORT: {host} port {port} can't be listened on: {reason}."
        raise SettingsError((problem,)) from error
    return listeners


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _socket_mode(settings: Settings, whole: Portcullis) -> SocketMode | None:
    token = settings.slack.slack_app_token
    if settings.slack.slack_mode != "socket" or token is None:
        return None
    return SocketMode(whole.slack, whole.workspace.client, token.get_secret_value())


async def _connect(whole: Portcullis, socket_mode: SocketMode | None, stop: asyncio.Event) -> None:
    """Ask Slack who we are until it answers, then hold the Socket Mode connection open until told to stop.

    Ends by itself when there was no connection for too long, be it because Slack never says who we are: a new process
    may find what this one can't. Raises SettingsError when the token is for something else than the one workspace that
    is served.
    """
    if socket_mode is None:
        await _greet(whole, stop)
        await stop.wait()
        return
    running = asyncio.create_task(_listen(whole, socket_mode, stop))
    try:
        while not running.done():
            await asyncio.wait({running}, timeout=_LOOK_EVERY)
            if not stop.is_set() and socket_mode.deaf_for > DEAF_FOR:
                _log.error("no Socket Mode connection for too long: ending, to be started anew", seconds=DEAF_FOR)
                return
    finally:
        if not stop.is_set():
            running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _greet(whole: Portcullis, stop: asyncio.Event) -> None:
    """Ask until Slack answers, or until told to stop. A refusal is told and tried again: a token or a scope can be put
    right in Slack while the bot runs. Raises SettingsError as `_connect` does."""
    await _until(stop, whole.workspace.greet, "Slack has not answered the greeting")
    try:
        await whole.directory.prepare()
    except StoreError as error:
        _log.warning("the user groups could not be kept", error=str(error))


async def _listen(whole: Portcullis, socket_mode: SocketMode, stop: asyncio.Event) -> None:
    await _greet(whole, stop)
    if not stop.is_set():
        await socket_mode.run(stop)


async def _make_the_rest(readiness: Readiness, stop: asyncio.Event) -> None:
    """Make what no start waits for, once Slack can be worked with; where that takes its time, meanwhile."""
    for _ in range(_REST_AFTER):
        if readiness.is_slack_well() or await _told_within(stop, _REST_EVERY):
            break
    if not stop.is_set():
        await asyncio.to_thread(make_all)
        await stop.wait()


async def _told_within(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=seconds)
    return stop.is_set()


async def _until(stop: asyncio.Event, attempt: Callable[[], Awaitable[None]], otherwise: str) -> None:
    wait = 1.0
    while not stop.is_set():
        try:
            await attempt()
        except WrongInstall as error:
            raise SettingsError((f"{PREFIX}SLACK_BOT_TOKEN: {error}",)) from error
        except SlackError as error:
            _log.warning(otherwise, error=str(error))
            await _told_within(stop, wait)
            wait = min(wait * 2, _LONGEST_PAUSE)
        else:
            return
