"""The image and the services around it: these files say what the program does, and the bot may do little there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import settings

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
INSTALL = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
OURS = ("migrate", "bot")
#: A version down to what is fixed in it, and the Debian below it. `latest`, or a bare name, would be any.
PINNED = re.compile(r"docker\.io/library/[a-z]+:[1-9][0-9.]*-(?:slim-)?[a-z]+")


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions, each on one line."""
    lines = [line for line in CONTAINERFILE.splitlines() if line and not line.startswith("#")]
    joined = re.sub(r" *\\\n *", " ", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


def said(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def test_hadolint_finds_nothing() -> None:
    judge = shutil.which("hadolint", path=str(ROOT / ".venv" / "bin"))
    if judge is None:
        pytest.skip("judged by hadolint, which the development environment has")
    judged = subprocess.run(  # noqa: S603
        [judge, str(ROOT / "Containerfile")], capture_output=True, text=True, check=False
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_what_it_is_made_of_is_pinned_by_version() -> None:
    bases = [rest.split()[0] for rest in said("FROM")]
    assert len(bases) == 2
    assert len(set(bases)) == 1, "what is built for one base may not run on another"
    for image in (*bases, COMPOSE["services"]["database"]["image"]):
        assert PINNED.fullmatch(image), image


def test_the_base_has_a_python_that_the_project_is_tested_with() -> None:
    (version,) = re.findall(r"python:(3\.\d+)-", said("FROM")[0])
    assert f'"Programming Language :: Python :: {version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_what_is_copied_is_there_and_nothing_else_is_sent_to_the_builder() -> None:
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [rest.split()[0] for rest in said("COPY") if not rest.startswith("--from")]
    assert [line[1:] for line in allowed if line.startswith("!")] == copied
    assert "*" in allowed
    assert "runtime.lock" in copied
    assert "--require-hashes" in next(rest for rest in said("RUN") if "runtime.lock" in rest)


def test_it_starts_the_program_and_not_as_root() -> None:
    assert said("USER") == ["10001:10001"]
    assert said("ENTRYPOINT") == ['["portcullis"]']
    assert said("CMD") == ['["run"]']
    assert [name for name, _ in instructions()].index("USER") < [name for name, _ in instructions()].index("ENTRYPOINT")


def test_its_health_is_asked_for_where_the_bot_answers() -> None:
    (check,) = said("HEALTHCHECK")
    assert "/healthz" in check
    assert f"PORTCULLIS_HTTP_PORT', '{settings.ServerSettings.model_fields['http_port'].default}'" in check


def test_nothing_is_set_that_the_program_does_not_know() -> None:
    fields = {name.upper(): field for part in settings.PARTS.values() for name, field in part.model_fields.items()}
    files = {f"{name}_FILE" for name, field in fields.items() if settings.takes_file(field)}
    named = set(re.findall(r"PORTCULLIS_([A-Z_]+)", CONTAINERFILE + (ROOT / "compose.yaml").read_text("utf-8")))
    assert named <= set(fields) | files
    # What has to be set is in the settings here, or in the file that the page has people write.
    together = {name.removeprefix(settings.PREFIX) for name in COMPOSE["services"]["bot"]["environment"]}
    written = set(re.findall(r"^PORTCULLIS_([A-Z_]+)=", INSTALL, re.MULTILINE))
    for name, field in fields.items():
        if field.is_required():
            assert {name, f"{name}_FILE"} & (together | written), name


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_a_secret_comes_from_a_file_that_the_page_has_people_make(name: str) -> None:
    service = COMPOSE["services"][name]
    given = {value.removeprefix("/run/secrets/") for key, value in service["environment"].items() if "_FILE" in key}
    held = set(service["secrets"])
    # The database's role for the bot is made by a script, which reads the second.
    assert given | ({"bot-password"} if name == "database" else set()) == held
    for secret in held:
        file = COMPOSE["secrets"][secret]["file"]
        assert f" {file.removeprefix('./')}" in INSTALL, file
    plain = [value for key, value in service["environment"].items() if "_FILE" not in key]
    assert set(plain) <= {"owner", "portcullis"}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/secrets/" in ignored
    assert set(service.get("env_file", [])) <= set(ignored)


@pytest.mark.parametrize("name", OURS)
def test_our_services_may_do_little(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "ports", "user", "volumes"} & set(service)


def test_the_database_is_reached_from_within_only() -> None:
    assert COMPOSE["services"]["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "ports" not in COMPOSE["services"]["database"]


def test_the_bot_starts_once_the_tables_are_there_and_has_time_to_end() -> None:
    bot, migrate = COMPOSE["services"]["bot"], COMPOSE["services"]["migrate"]
    assert bot["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert migrate["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert migrate["command"] == ["migrate", "--wait", "60"], "some tools wait for no condition"
    unit = (ROOT / "deploy" / "portcullis.service").read_text(encoding="utf-8")
    assert f"TimeoutStopSec={bot['stop_grace_period'].removesuffix('s')}\n" in unit
    assert f"LimitNOFILE={bot['ulimits']['nofile']}\n" in unit


def test_whoever_signs_in_for_the_bot_may_do_what_operations_says() -> None:
    script = (ROOT / "deploy" / "compose" / "bot-role.sh").read_text(encoding="utf-8")
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    granted = re.findall(r"^ALTER DEFAULT PRIVILEGES .+;$", operations, re.MULTILINE)
    assert len(granted) == 2
    assert re.findall(r"^ALTER DEFAULT PRIVILEGES .+;$", script, re.MULTILINE) == granted
