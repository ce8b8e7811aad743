"""A program that takes the audit log's events by HTTP, on loopback, and answers as a test says."""

from __future__ import annotations

import json
import secrets
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bot.webhook.receiver import Receiver, signature


@dataclass
class AuditReceiver:
    """What came in, in calls that were signed as they have to be; and what is answered."""

    url: str = ""
    secret: bytes = field(default_factory=lambda: secrets.token_hex(16).encode())
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, list[int]]] = field(default_factory=list)  #: what the header said, and the events' numbers
    was_asked: threading.Event = field(default_factory=threading.Event)
    forged: int = 0
    refuses: frozenset[int] = frozenset()  #: the events because of which a call is answered with 400
    #: Cleared, no call is answered.
    answers: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    @property
    def client(self) -> Receiver:
        return Receiver(url=self.url, secret=self.secret, tls=ssl.create_default_context())

    @property
    def taken(self) -> list[int]:
        """The numbers of all events, in the order in which they came."""
        return [seq for _, numbers in self.calls for seq in numbers]

    def handle(self, headers: dict[str, str], body: bytes) -> int:
        self.was_asked.set()
        said = headers["portcullis-signature"]
        at = int(said.partition(",")[0].removeprefix("t="))
        if said != signature(self.secret, body, at=at):
            self.forged += 1
            return 401
        self.answers.wait(30)
        numbers = [json.loads(line)["seq"] for line in body.decode().splitlines()]
        if not self.refuses.isdisjoint(numbers):
            return 400
        self.calls.append((headers["portcullis-events"], numbers))
        return self.status


@contextmanager
def audit_receiver() -> Iterator[AuditReceiver]:
    """One that runs until the block ends."""
    receiver = AuditReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.handle({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/log"
    try:
        yield receiver
    finally:
        receiver.answers.set()
        server.shutdown()
        server.server_close()
