"""Names of columns, and words in cells, in the form in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_UNNAMED = re.compile(r"[^a-z0-9]")


@lru_cache(maxsize=4096)
def normal_name(text: str) -> str:
    """A column's name as it is compared: lower case, letters and digits only, without accents; `ß` is `ss`.

    `Sender address`, `SenderAddress` and `sender_address` are one name, and so are `Empfänger` and `EMPFANGER`.
    """
    plain = unicodedata.normalize("NFKD", text[:200].casefold())
    return _UNNAMED.sub("", plain)
