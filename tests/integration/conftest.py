"""Fixtures of the integration tests."""

from tests.integration.counted import counted
from tests.integration.databases import (
    clean_databases,
    clock,
    database_kind,
    database_url,
    empty_database_url,
    open_store,
    postgres_server,
    postgres_template,
    sqlite_template,
    sqlite_url,
    store,
)

__all__ = [
    "clean_databases",
    "clock",
    "counted",
    "database_kind",
    "database_url",
    "empty_database_url",
    "open_store",
    "postgres_server",
    "postgres_template",
    "sqlite_template",
    "sqlite_url",
    "store",
]
