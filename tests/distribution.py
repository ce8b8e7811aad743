"""Builds what is handed out, looks at it, and tries it where nothing else is installed: `make dist`.

In `dist/` it leaves the wheel, the source archive, a list of all that is installed with the wheel (CycloneDX), and
their SHA-256. All are made twice, from nothing but the files that git has, and must come out byte for byte the same:
whoever has the commit can check that what they were handed was made of it. Times within are the last commit's.

Then the wheel is installed into an environment of its own, with the versions and hashes of `runtime.lock`, and used in
an empty folder: `--version`, `migrate`, and the demo's tour to its end. `--short` only starts the demo and asks for its
page.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

PROJECT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
CHECKSUMS = "SHA256SUMS"
#: Also where the clone is another user's, as one that a container is given: git would have nothing to do with it.
GIT = ("git", "-c", f"safe.directory={PROJECT}")
SHOWN_AT = re.compile(r"playground: (http://\S+)")


class Unsound(Exception):
    """Something doesn't hold that has to: its text says what."""


def main(arguments: Sequence[str]) -> int:
    """Build, compare and try. 0 when all of it holds."""
    parser = argparse.ArgumentParser(prog="make dist")
    parser.add_argument("--short", action="store_true", help="start the demo instead of running its tour")
    parser.add_argument("--as-it-stands", action="store_true", help="also where files differ from the last commit")
    parser.add_argument("--to", type=Path, default=PROJECT / "dist", help="where the files go, which is emptied first")
    chosen = parser.parse_args(arguments)
    try:
        if not chosen.as_it_stands and (changed := changes()):
            raise Unsound(f"These files differ from the last commit:\n{changed}\nCommit them, or add --as-it-stands.")
        with tempfile.TemporaryDirectory(prefix="portcullis-dist-") as place:
            files = build_twice(Path(place))
            shutil.rmtree(chosen.to, ignore_errors=True)
            chosen.to.mkdir(parents=True)
            for file in files:
                shutil.copy(file, chosen.to)
            lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
            (chosen.to / CHECKSUMS).write_text("".join(lines), encoding="ascii")
            try_out(next(file for file in files if file.suffix == ".whl"), Path(place), short=chosen.short)
    except Unsound as error:
        sys.stderr.write(f"{error}\n")
        return 1
    say(f"In {chosen.to.name}/, with what they hash to:\n{''.join(lines).rstrip()}")
    return 0


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def run(*command: str | Path, at: Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command printed. Raises Unsound, with all that it said, when it fails."""
    done = subprocess.run(  # noqa: S603
        [str(part) for part in command],
        cwd=at,
        env=dict(environment) if environment is not None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unsound(f"{Path(command[0]).name} {' '.join(map(str, command[1:]))} failed:\n{done.stdout}")
    return done.stdout


def changes() -> str:
    return run(*GIT, "status", "--porcelain", "--untracked-files=no", at=PROJECT).rstrip()


def build_twice(place: Path) -> list[Path]:
    """The wheel, the source archive and the list of parts, made twice and found to be the same."""
    when = run(*GIT, "log", "-1", "--format=%ct", at=PROJECT).strip()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": when}
    clean = make_environment(place / "parts")
    made = [build(place / name, clean, environment) for name in ("first", "second")]
    for one, other in zip(*made, strict=True):
        if one.name != other.name or one.read_bytes() != other.read_bytes():
            raise Unsound(f"Two builds of {one.name} differ.")
    archives = [file for file in made[0] if file.suffix != ".json"]
    run(TOOLS / "twine", "check", "--strict", *archives, at=place)
    say(f"Built twice, the same bytes: {', '.join(file.name for file in made[0])}.")
    return made[0]


def build(place: Path, clean: Path, environment: Mapping[str, str]) -> list[Path]:
    """Make all three in a new folder. The wheel is made from the source archive, so that this one is whole too."""
    source, out = place / "source", place / "out"
    for name in run(*GIT, "ls-files", "-z", at=PROJECT).split("\0"):
        if name and (PROJECT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, source / name)
    hatchling = (sys.executable, "-m", "hatchling", "build", "-d", out)
    run(*hatchling, "-t", "sdist", at=source, environment=environment)
    (archive,) = out.glob("*.tar.gz")
    with tarfile.open(archive) as held:
        held.extractall(place / "unpacked", filter="data")
    (unpacked,) = (place / "unpacked").iterdir()
    run(*hatchling, "-t", "wheel", at=unpacked, environment=environment)
    parts = out / f"{unpacked.name}.cdx.json"
    listed = (TOOLS / "cyclonedx-py", "environment", "--output-reproducible", "--pyproject", "pyproject.toml")
    run(*listed, "-o", parts, clean / "bin" / "python", at=unpacked, environment=environment)
    return sorted(out.iterdir())


def make_environment(folder: Path) -> Path:
    """A virtual environment with what `runtime.lock` names, each file held to its hash, and nothing else."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, at=PROJECT)
    install(folder, "-r", PROJECT / "runtime.lock")
    return folder


def install(environment: Path, *what: str | Path) -> None:
    """By the pip that has made the environment of `make setup`: other programs look elsewhere for packages and
    certificate authorities than where this machine's pip is told to."""
    pip = (sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-compile", "--require-hashes", *what, at=environment)


def try_out(wheel: Path, place: Path, *, short: bool) -> None:
    """Use the wheel where there is no checkout, no setting and no development tool."""
    clean = place / "parts"
    named = place / "wheel.txt"
    named.write_text(f"{wheel} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n", encoding="utf-8")
    install(clean, "--no-deps", "-r", named)
    empty = place / "empty"
    empty.mkdir()
    portcullis = clean / "bin" / "portcullis"
    kept = ("PATH", "LANG", "HOME", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    say(run(portcullis, "--version", at=empty, environment=environment).strip())
    say(run(portcullis, "migrate", "--database", "sqlite:///tried.sqlite3", at=empty, environment=environment).strip())
    # The name of the wheel, by which `uvx` starts it.
    demo = clean / "bin" / "portcullis-mail"
    if short:
        say(f"The demo answers at {start_demo(demo, at=empty, environment=environment)}.")
    else:
        say(run(demo, "demo", "--tour", at=empty, environment=environment).strip().splitlines()[-1].strip())


def start_demo(program: Path, *, at: Path, environment: Mapping[str, str]) -> str:
    """Start the demo on a free port, ask for its page and what belongs to it, and end it. Its address."""
    with subprocess.Popen(  # noqa: S603
        [program, "demo", "--port", "0"],
        cwd=at,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        said = []
        try:
            for line in demo.stdout:  # ends when the demo does, which gives up by itself
                said.append(line)
                if shown := SHOWN_AT.search(line):
                    look_at(shown[1])
                    return shown[1]
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=60)
    raise Unsound(f"The demo didn't start:\n{''.join(said)}")


def look_at(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        page = client.get("/")
        belonging = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
        for answer in (page, *(client.get(name) for name in belonging)):
            if answer.status_code != 200:
                raise Unsound(f"The demo's page answered {answer.status_code} for {answer.url.path}.")
        if not belonging:
            raise Unsound("The demo's page names none of its files.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
