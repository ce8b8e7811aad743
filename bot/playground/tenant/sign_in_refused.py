"""How the token endpoint refuses: one exception that becomes Entra's error answer."""

from __future__ import annotations


class SignInRefused(Exception):
    """`code` is the AADSTS number, `error` the OAuth one, `status` the HTTP status."""

    def __init__(self, code: int, error: str, text: str, *, status: int = 400) -> None:
        super().__init__(code, error, text)
        self.code = code
        self.error = error
        self.text = text
        self.status = status
