"""Labels of names in letters that the standards take as they stand: most of those beyond ASCII.

IDNA asks several tables about each letter, each time, and works out Punycode twice over. Of a letter that is valid by
itself, that mapping leaves alone and whose neighbours don't matter, that is asked once. A test holds what comes out to
what the library for IDNA makes of it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import can_ada
import idna

_MAX_LABEL = 63
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_PREFIX = "xn--"


def settled_name(text: str) -> tuple[str, dict[str, str]] | None:
    """A name in its Punycode form, and what each label of it in Punycode stands for; None where more has to be asked.

    `münchen.example` gives `xn--mnchen-3ya.example` and `{"xn--mnchen-3ya": "münchen"}`.
    """
    if not all(map(_is_settled, text)):
        return None
    spelled: dict[str, str] = {}
    labels = text.lower().split(".")
    for place, label in enumerate(labels):
        if label.isascii():
            continue
        encoded = _encoded(label)
        if encoded is None:
            return None
        labels[place] = encoded
        spelled[encoded] = label
    return ".".join(labels), spelled


def settled_label(encoded: str) -> str | None:
    """What a label in Punycode stands for; None where more has to be asked."""
    label = _decoded(encoded.encode("ascii"))
    if label.isascii() or not all(map(_is_settled, label)) or label != label.lower():
        return None
    return label if _encoded(label) == encoded else None


def _encoded(label: str) -> str | None:
    hyphens = label.startswith("-") or label.endswith("-") or label[2:4] == "--"
    if hyphens or "_" in label or "." in label or not unicodedata.is_normalized("NFC", label):
        return None
    encoded = can_ada.idna_encode(label).decode("ascii")
    return encoded if encoded.startswith(_PREFIX) and len(encoded) <= _MAX_LABEL else None


@lru_cache(maxsize=8_192)
def _is_settled(character: str) -> bool:
    """Whether a letter is valid wherever it stands in a label, and stands for itself."""
    if character.isascii():
        return character.isalnum() or character in "-._"
    category = unicodedata.category(character)
    if category[0] not in "LN" or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
        return False
    try:
        idna.check_label(character)
        is_itself = idna.uts46_remap(character, std3_rules=False, transitional=False) == character
    except (UnicodeError, IndexError):
        return False
    return is_itself and character.lower() == character and _decoded(can_ada.idna_encode(character)) == character


def _decoded(encoded: bytes) -> str:
    return can_ada.idna_decode(encoded)  # type: ignore[arg-type]  # its types say str, and it takes bytes alone
