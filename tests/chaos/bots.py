"""The bots of a trial: real processes, killed as by a power cut and started again, as a service manager would."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.chaos.launcher import Launcher
from tests.chaos.waiting import comes_true

#: How long a bot stays away after it ended, in seconds.
AWAY = (0.0, 0.5)


@dataclass(slots=True)
class Life:
    """One process of a bot, from its start to its end, by the machine's clock that only goes forward."""

    bot: int
    process_id: int
    started: float
    ready: float | None = None
    ended: float | None = None
    was_killed: bool = False


@dataclass(slots=True)
class Bot:
    """A place in the installation where a bot runs."""

    number: int
    port: int
    environment: Mapping[str, str]
    life: Life | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lives(self) -> bool:
        return self.life is not None and self.life.ended is None


class Bots:
    """All bots of a trial. `on_kill` is called with the life that was ended, just after."""

    def __init__(
        self,
        *,
        launcher: Launcher,
        log: Path,
        chance: random.Random,
        rates: float,
        on_kill: Callable[[Life], None] | None = None,
    ) -> None:
        self._launcher = launcher
        self._rates = rates
        self._log = log
        self.chance = chance
        self._on_kill = on_kill
        self._bots: dict[int, Bot] = {}
        self._ending = False
        self._http = httpx.AsyncClient(trust_env=False, timeout=2)
        self.lives: list[Life] = []
        #: Bots that ended although nobody killed them, once they were ready: without its database a bot doesn't start.
        self.unforeseen: list[str] = []

    def add(self, port: int, environment: Mapping[str, str]) -> None:
        """A further bot, not started."""
        number = len(self._bots) + 1
        self._bots[number] = Bot(number=number, port=port, environment=environment)

    def start(self) -> None:
        """Start them all. Each that ends is started again, until `end`."""
        for bot in self._bots.values():
            self._start(bot)

    @property
    def living(self) -> list[Bot]:
        return [bot for bot in self._bots.values() if bot.lives]

    @property
    def any_ready(self) -> bool:
        """Whether one of them lives and is ready."""
        return any(bot.life is not None and bot.life.ready is not None for bot in self.living)

    @property
    def latest_start(self) -> float:
        """How long the latest start took until the bot was ready, in seconds."""
        return next((life.ready - life.started for life in self.lives[::-1] if life.ready is not None), 0.0)

    def kill(self, number: int | None = None) -> bool:
        """Kill a bot, or any that lives; whether there was one to be killed."""
        living = [bot for bot in self.living if number in {None, bot.number}]
        if not living or self._ending:
            return False
        life = self.chance.choice(living).life
        assert life is not None
        if not _signalled(life, signal.SIGKILL):
            return False
        life.was_killed = True
        life.ended = time.monotonic()
        if self._on_kill is not None:
            self._on_kill(life)
        return True

    def limit_files(self, size: int | None) -> None:
        """Let no file that a bot writes grow beyond so many bytes, as on a full disk; None: without a limit again."""
        for bot in self.living:
            assert bot.life is not None
            hard = resource.RLIM_INFINITY
            with suppress(ProcessLookupError):
                resource.prlimit(bot.life.process_id, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    async def until_ready(self, within: float) -> bool:
        """Wait until all are there and ready; False where that takes longer, in seconds."""

        def all_are() -> bool:
            return all(bot.lives and bot.life is not None and bool(bot.life.ready) for bot in self._bots.values())

        return await comes_true(all_are, within=within)

    async def end(self) -> None:
        """Stop them all as a platform would, and the slow ones as a power cut would."""
        self._ending = True
        for how, within in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
            for bot in self.living:
                assert bot.life is not None
                _signalled(bot.life, how)
            await comes_true(lambda: not self.living, within=within)
        tasks = [task for bot in self._bots.values() for task in bot.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.aclose()

    def _start(self, bot: Bot) -> None:
        process_id = self._launcher.start(bot.environment, self._log, rates=self._rates)
        bot.life = Life(bot=bot.number, process_id=process_id, started=time.monotonic())
        self.lives.append(bot.life)
        for work in (self._outlive(bot, bot.life), self._watch_readiness(bot, bot.life)):
            task = asyncio.create_task(work)
            bot.tasks.add(task)
            task.add_done_callback(bot.tasks.discard)

    async def _outlive(self, bot: Bot, life: Life) -> None:
        """Wait until the process has ended, and start the next one."""
        await _gone(life.process_id)
        if life.ended is None:
            life.ended = time.monotonic()
        if self._ending:
            return
        if not life.was_killed and life.ready is not None:
            self.unforeseen.append(f"bot {bot.number} ended by itself after {life.ended - life.started:.1f} s")
        await asyncio.sleep(self.chance.uniform(*AWAY))
        if not self._ending:
            self._start(bot)

    async def _watch_readiness(self, bot: Bot, life: Life) -> None:
        while life.ended is None:
            with suppress(httpx.HTTPError):
                if (await self._http.get(f"{bot.url}/readyz")).status_code == 200:
                    life.ready = time.monotonic()
                    return
            await asyncio.sleep(0.05)


def _signalled(life: Life, how: signal.Signals) -> bool:
    try:
        os.kill(life.process_id, how)
    except ProcessLookupError:
        return False
    return True


async def _gone(process_id: int) -> None:
    """Wait for the end of a process that is nobody's child here."""
    try:
        handle = os.pidfd_open(process_id)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def note() -> None:
        if not ended.done():
            ended.set_result(None)

    loop.add_reader(handle, note)
    try:
        await ended
    finally:
        loop.remove_reader(handle)
        os.close(handle)
