"""Importing many indicators: from the bytes of a file to proposals, with every line accounted for.

This is the face of it: `decode`, `read_import`, `sift`. The parts are in the modules beside this one.
"""

from __future__ import annotations

from bot.domain.import_lines import Line, read_import
from bot.domain.import_text import MOST_BYTES, decode, demand_fits
from bot.domain.policy import MOST_IMPORTED
from bot.domain.sifting import Part, Sifted, sift

__all__ = ["MOST_BYTES", "MOST_IMPORTED", "Line", "Part", "Sifted", "decode", "demand_fits", "read_import", "sift"]
