"""Builds the container image of the wheel in `dist/`, and uses it as it is meant to be run: `make image`.

Not root, a root that is read-only, no network: `--version`, what the health check asks, and the demo's tour to its end,
in which the bot, with all that it needs, stands between stand-ins for Slack and the tenant. Podman or Docker, whichever
is there.

`--where-possible` ends well, and says why, on a machine that has neither of them, that can't have the base image, or
whose engine may not start a container. Everything after that counts.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.distribution import PROJECT, Unsound, say

NAME = "portcullis"
#: How it is started: docs/install.md, "A container".
CONFINED = ("run", "--rm", "--read-only", "--tmpfs", "/tmp", "--network", "none", "--cap-drop", "ALL")  # noqa: S108
#: For what comes over the network, and for the longest step of all, in seconds.
PULLED_WITHIN, DONE_WITHIN = 300, 1_200


class Impossible(Exception):
    """This machine makes no images: its text says why."""


def main(arguments: Sequence[str]) -> int:
    """Build and use it. 0 when all of it holds."""
    parser = argparse.ArgumentParser(prog="make image")
    parser.add_argument("--where-possible", action="store_true", help="end well where no image can be made")
    chosen = parser.parse_args(arguments)
    try:
        engine = find_engine()
        base = re.findall(r"^FROM (\S+)", (PROJECT / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)[-1]
        probe(engine, base)
        use(engine)
    except Impossible as error:
        sys.stderr.write(f"No image was made. {error}\n")
        return 0 if chosen.where_possible else 1
    except Unsound as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def find_engine() -> str:
    """Raises Impossible where there is none."""
    for name in ("podman", "docker"):
        if found := shutil.which(name):
            return found
    raise Impossible("Neither Podman nor Docker is here.")


def asked(*command: str, within: float = DONE_WITHIN) -> subprocess.CompletedProcess[str]:
    """What a command answered, standard output and errors apart. Never raises for how it ended."""
    try:
        return subprocess.run(  # noqa: S603
            command, cwd=PROJECT, capture_output=True, stdin=subprocess.DEVNULL, text=True, check=False, timeout=within
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"No end within {within:.0f} s.")


def probe(engine: str, base: str) -> None:
    """Raises Impossible where the base image can't be had, or no container may be started."""
    for what, command in (
        ("The base image can't be had", ("image", "inspect", base)),
        ("No container can be started", ("run", "--rm", "--network", "none", base, "true")),
    ):
        answer = asked(engine, *command, within=PULLED_WITHIN)
        if answer.returncode and command[0] == "image":
            answer = asked(engine, "pull", "--quiet", base, within=PULLED_WITHIN)
        if answer.returncode:
            raise Impossible(f"{what}: {last_line(answer)}")


def use(engine: str) -> None:
    """Build the image, and use it. Raises Unsound."""
    if not list((PROJECT / "dist").glob("portcullis_mail-*.whl")):
        raise Unsound("There is no wheel in dist/: run `make dist` first.")
    form = ("--format", "docker") if Path(engine).name == "podman" else ()
    held(asked(engine, "build", *form, "--file", "Containerfile", "--tag", NAME, "."), "The image can't be built")
    (image,) = json.loads(held(asked(engine, "image", "inspect", NAME), "The image isn't there"))
    user = image["Config"]["User"]
    check = image["Config"].get("Healthcheck") or image.get("Healthcheck")  # Docker has it there, Podman here
    if user.split(":")[0] in {"", "0", "root"} or not check:
        raise Unsound(f"The image runs as {user or 'root'}, and its health check is {check}.")
    say(f"Built: {NAME}, which runs as {user}.")
    say(held(asked(engine, *CONFINED, NAME, "--version"), "It doesn't start").strip())
    tour = held(asked(engine, *CONFINED, NAME, "demo", "--tour"), "The demo's tour doesn't hold in it")
    say(tour.strip().splitlines()[-1].strip())


def held(answer: subprocess.CompletedProcess[str], otherwise: str) -> str:
    """What was printed. Raises Unsound, with all that was said, when the command failed."""
    if answer.returncode:
        raise Unsound(f"{otherwise}:\n{answer.stdout[-4_000:]}{answer.stderr[-4_000:]}")
    return answer.stdout


def last_line(answer: subprocess.CompletedProcess[str]) -> str:
    return (answer.stderr.strip() or answer.stdout.strip() or "no reason given").splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
