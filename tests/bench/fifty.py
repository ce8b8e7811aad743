"""Fifty people who may request, and who type at the same moment: each is somebody else, as in a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.playground.slack.workspace import Person, Workspace
from tests.bench.signed_load import Sender
from tests.support.installation import installed_workspace

PEOPLE = tuple(Person(id=f"U0TYPIST{number:02}", name=f"Typist {number}") for number in range(50))


def workspace_of_fifty() -> Workspace:
    """The default workspace with all of them in it."""
    workspace = installed_workspace().with_extra_people(PEOPLE)
    return replace(workspace, requesters=(*workspace.requesters, *(person.id for person in PEOPLE)))


def each_of_them(sender: Sender) -> Sequence[Sender]:
    """The same sender as each of them."""
    return [replace(sender, user=person.id) for person in PEOPLE]
