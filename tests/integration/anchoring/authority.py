"""A time stamp authority on loopback: OpenSSL's own (`openssl ts -reply`) behind a few lines of HTTP."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

_CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/authority.pem
signer_key = {folder}/authority.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
ordering = yes
tsa_name = no
[request]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[authority]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class Authority:
    """The authority. `answer` is what it says instead of stamping, where a test sets it: a status and a body."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "root.pem"
        self.answer: tuple[int, bytes] | None = None
        self.asked = 0
        self._make_keys()
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/stamp"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked += 1
                status, body = authority.answer or (200, authority._stamp(query))
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing on stderr."""

        return Handler

    def _stamp(self, query: bytes) -> bytes:
        (self._folder / "query.tsq").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr")
        return (self._folder / "reply.tsr").read_bytes()

    def _make_keys(self) -> None:
        (self._folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=self._folder))
        (self._folder / "serial").write_text("01")
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", "tsa.cnf")
        root = ("-x509", "-subj", "/CN=Example root", "-extensions", "root", "-days", "30")
        self._openssl("req", *new_key, *root, "-keyout", "root.key", "-out", "root.pem")
        self._openssl(
            "req", *new_key, "-subj", "/CN=Example authority", "-keyout", "authority.key", "-out", "authority.csr"
        )
        self._openssl(
            "x509", "-req", "-in", "authority.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-extfile", "tsa.cnf", "-extensions", "authority", "-days", "30", "-out", "authority.pem",
        )  # fmt: skip

    def _openssl(self, *arguments: str) -> None:
        openssl = shutil.which("openssl") or "openssl"
        subprocess.run([openssl, *arguments], cwd=self._folder, check=True, capture_output=True)  # noqa: S603 - ours
