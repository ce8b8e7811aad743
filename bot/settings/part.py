"""What every part of the settings has: where values come from, and which are missing together.

A setting is an environment variable that begins with `PORTCULLIS_`; an empty one counts as not set. A secret, and the
database's address, can come from a file instead, by the same name with `_FILE` behind it; given both ways it is a wrong
setting.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.settings.types import NoSecret
from bot.tenant.signing_in.certificate_text import text_of_file

PREFIX = "PORTCULLIS_"

#: Secrets whose file may be binary; it is then taken as base64 text.
_BINARY = frozenset({f"{PREFIX}CLIENT_CERTIFICATE"})


#: Not a secret as a whole, but with a password in it: it can come from a file too.
_WITH_A_PASSWORD = f"{PREFIX}DATABASE_URL"


def takes_file(field: FieldInfo) -> bool:
    """Whether the setting can come from a file."""
    return "SecretStr" in str(field.annotation) or field.alias == _WITH_A_PASSWORD


class _FromFiles(PydanticBaseSettingsSource):
    """`PORTCULLIS_<NAME>_FILE`: the file that holds a secret. Goes before the plain variables, to see both."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = str(field.alias)
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            return NoSecret(f"is given twice, here and by {name}_FILE; take one of them away"), name, False
        try:
            content = Path(path).read_bytes()
            return text_of_file(content) if name in _BINARY else content.decode("utf-8"), name, False
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            # Not the path: who mistakes one name for the other has put the secret itself there.
            return NoSecret(f"the file that {name}_FILE names can't be read: {reason}"), name, False

    def __call__(self) -> dict[str, Any]:
        secrets = {name: field for name, field in self.settings_cls.model_fields.items() if takes_file(field)}
        found = (self.get_field_value(field, name) for name, field in secrets.items())
        return {key: value for value, key, _ in found if value is not None}


def is_set(name: str) -> bool:
    return bool(os.environ.get(f"{PREFIX}{name}") or os.environ.get(f"{PREFIX}{name}_FILE"))


def unless_set(name: str, why: str) -> list[str]:
    return [] if is_set(name) else [f"{PREFIX}{name} is missing; {why}."]


class SettingsPart(BaseSettings):
    model_config = SettingsConfigDict(
        alias_generator=lambda name: f"{PREFIX}{name.upper()}",
        case_sensitive=True,
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
        str_strip_whitespace=True,
        extra="ignore",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return init_settings, _FromFiles(settings_cls), env_settings

    @classmethod
    def missing_together(cls) -> list[str]:
        """What is missing because of another setting. Looked at even when single settings are wrong."""
        return []
