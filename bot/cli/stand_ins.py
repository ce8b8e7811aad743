"""`portcullis demo --settings`: the settings for a bot that somebody starts themselves beside the demo's stand-ins."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from bot.cli.files import written
from bot.errors import InvalidInput


def write_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Write settings as lines that a shell and systemd read the same. The file is for its owner alone: it has tokens.

    Raises InvalidInput for a file that can't be written, a link among those.
    """
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    try:
        with written(path) as writing:
            writing.file.write(lines.encode())
    except OSError as error:
        what = f"{path} can't be written: {error.strerror}."
        raise InvalidInput(what, "Name another file with --settings.") from error


def stand_ins_told(url: str, path: Path) -> str:
    """What the page's address is, and what to type in another terminal."""
    name = shlex.quote(str(path.absolute()))
    return f"""
  Portcullis playground: {url}

  No bot runs yet. In another terminal, read the settings, and then start one:

    set -a; . {name}; set +a
    portcullis run

  Ctrl-C here ends the stand-ins, and what was in them is gone.
"""
