"""By which id a message that was handed in is looked for at Microsoft."""

from __future__ import annotations

import pytest

from bot.tenant.submission_service import message_id

ID = b"Message-ID: <0042@fabrikam.example>\r\n"
PARTS = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3_000))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ID, "0042@fabrikam.example"),
        (ID.lower().replace(b"<", b" <"), "0042@fabrikam.example"),
        (b"From: billing@fabrikam.example\r\n" + ID + b"\r\nHere it is.\r\n", "0042@fabrikam.example"),
        (b"Message-ID: 0042@fabrikam.example\r\n\r\n", "0042@fabrikam.example"),
        (b"Message-ID:\r\n <0042@fabrikam.example>\r\n\r\n", "0042@fabrikam.example"),
        (b"From: billing@fabrikam.example\r\n\r\n" + ID, ""),  # in the text
        (b"From: billing@fabrikam.example\r\n\r\n", ""),
        (b"", ""),
        (ID + PARTS, "0042@fabrikam.example"),
    ],
    ids=[
        "alone",
        "spelled otherwise",
        "among others",
        "bare",
        "folded",
        "in the text",
        "none",
        "nothing",
        "many parts",
    ],
)
def test_a_message_has_the_id_that_its_headers_give_it(content: bytes, expected: str) -> None:
    assert message_id(content) == expected


def test_an_id_of_other_bytes_raises_nothing() -> None:
    assert message_id(b"Message-ID: <\xff\xfe@fabrikam.example>\r\n\r\n").endswith("@fabrikam.example")
