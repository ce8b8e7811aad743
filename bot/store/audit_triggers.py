"""The triggers that keep the audit log append-only: are they there, are they ours, and are they on?

The migrations make them; a test holds what is expected here to what they make. Whoever owns the tables can take them
away or replace them, and then change rows: so a verification looks at them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from bot.domain.auditing.events import Json

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect

TABLES = ("audit_events", "audit_heads")

#: How to have them again.
REMEDY = (
    "Run `portcullis migrate --triggers` as the tables' owner, which makes them anew; find out who took them away, and "
    "what was changed since: `portcullis audit verify --against` a head that was kept elsewhere."
)

_REFUSE = "SELECT RAISE(ABORT, '{table} is append-only'); END"
_SQLITE: Mapping[str, tuple[str, str]] = {
    "audit_events_no_update": ("audit_events", "BEFORE UPDATE ON audit_events BEGIN "),
    "audit_events_no_delete": ("audit_events", "BEFORE DELETE ON audit_events BEGIN "),
    "audit_events_no_replace": (
        "audit_events",
        (
            "BEFORE INSERT ON audit_events WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id) "
            "OR EXISTS (SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq) BEGIN "
        ),
    ),
    "audit_heads_forward": (
        "audit_heads",
        (
            "BEFORE UPDATE ON audit_heads WHEN NEW.seq <= OLD.seq OR NEW.tenant_id <> OLD.tenant_id OR NOT EXISTS "
            "(SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq AND hash = NEW.hash) BEGIN "
        ),
    ),
    "audit_heads_no_delete": ("audit_heads", "BEFORE DELETE ON audit_heads BEGIN "),
    "audit_heads_no_replace": (
        "audit_heads",
        (
            "BEFORE INSERT ON audit_heads "
            "WHEN NEW.seq <> 0 OR EXISTS (SELECT 1 FROM audit_heads WHERE tenant_id = NEW.tenant_id) BEGIN "
        ),
    ),
}

_FUNCTIONS: Mapping[str, str] = {
    "portcullis_append_only": """
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
""",
    "portcullis_head_forward": """
BEGIN
    IF NEW.seq <= OLD.seq OR NEW.tenant_id <> OLD.tenant_id OR NOT EXISTS
        (SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq AND hash = NEW.hash)
    THEN
        RAISE EXCEPTION 'audit_heads is append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
""",
}
#: As `pg_get_triggerdef` spells them, but for the schema.
_POSTGRESQL: Mapping[str, tuple[str, str]] = {
    "audit_events_no_change": (
        "audit_events",
        "BEFORE DELETE OR UPDATE ON audit_events FOR EACH ROW EXECUTE FUNCTION portcullis_append_only()",
    ),
    "audit_events_no_truncate": (
        "audit_events",
        "BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION portcullis_append_only()",
    ),
    "audit_heads_forward": (
        "audit_heads",
        "BEFORE UPDATE ON audit_heads FOR EACH ROW EXECUTE FUNCTION portcullis_head_forward()",
    ),
    "audit_heads_from_nought": (
        "audit_heads",
        "BEFORE INSERT ON audit_heads FOR EACH ROW WHEN ((new.seq <> 0)) EXECUTE FUNCTION portcullis_append_only()",
    ),
    "audit_heads_no_delete": (
        "audit_heads",
        "BEFORE DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION portcullis_append_only()",
    ),
    "audit_heads_no_truncate": (
        "audit_heads",
        "BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT EXECUTE FUNCTION portcullis_append_only()",
    ),
}

_POSTGRESQL_QUERY = """
SELECT c.relname AS table_name, t.tgname AS name, t.tgenabled::text AS enabled,
       replace(pg_get_triggerdef(t.oid), ' ON ' || n.nspname || '.', ' ON ') AS definition,
       p.proname AS function_name, p.prosrc AS body
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.oid IN (to_regclass('audit_events'), to_regclass('audit_heads'))
UNION ALL
SELECT tablename, rulename, 'O', definition, '', ''
FROM pg_rules WHERE schemaname = current_schema() AND tablename IN ('audit_events', 'audit_heads')
"""
#: `O`: always but in replication; `A`: always.
_ENABLED = frozenset({"O", "A"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerFinding:
    """A trigger that is missing, isn't ours, or is off."""

    trigger: str
    details: str

    def as_json(self) -> dict[str, Json]:
        return {"trigger": self.trigger, "details": self.details}


def find_wrong(connection: Connection) -> tuple[TriggerFinding, ...]:
    """What is wrong with the triggers of the audit tables; nothing where all are as the migrations made them."""
    there = _there(connection)
    expected = _expected(connection.dialect)
    found = [
        TriggerFinding(trigger=name, details=f"The trigger {name} of {table} is missing.")
        for name, (table, _) in expected.items()
        if name not in there
    ]
    for name, (definition, is_on) in there.items():
        if name not in expected:
            found.append(TriggerFinding(trigger=name, details=f"{name} is none of the triggers that Portcullis made."))
        elif definition != expected[name][1]:
            found.append(TriggerFinding(trigger=name, details=f"The trigger {name} does something else than ours."))
        elif not is_on:
            found.append(TriggerFinding(trigger=name, details=f"The trigger {name} is switched off."))
    return tuple(found)


def make_anew(connection: Connection) -> None:
    """Take away every trigger and rule of the audit tables, and make ours."""
    if connection.dialect.name == "sqlite":
        for name, _ in connection.execute(_SQLITE_TRIGGERS).all():
            connection.exec_driver_sql(f"DROP TRIGGER {_quoted(name)}")
        for name, (table, when) in _SQLITE.items():
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when}{_REFUSE.format(table=table)}")
        return
    for row in connection.execute(text(_POSTGRESQL_QUERY)).all():
        what = "TRIGGER" if row.function_name else "RULE"
        connection.exec_driver_sql(f"DROP {what} {_quoted(row.name)} ON {row.table_name}")
    for function, body in _FUNCTIONS.items():
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        )
    for name, (_, definition) in _POSTGRESQL.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {definition}")


_SQLITE_TRIGGERS = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) IN ('audit_events', 'audit_heads')"
)


def _expected(dialect: Dialect) -> dict[str, tuple[str, str]]:
    """By name, the table and the definition, as `_there` spells it."""
    if dialect.name == "sqlite":
        return {
            name: (table, f"CREATE TRIGGER {name} {when}{_REFUSE.format(table=table)}")
            for name, (table, when) in _SQLITE.items()
        }
    return {
        name: (table, f"CREATE TRIGGER {name} {definition} {_body(definition)}")
        for name, (table, definition) in _POSTGRESQL.items()
    }


def _body(definition: str) -> str:
    return next(body for function, body in _FUNCTIONS.items() if definition.endswith(f"{function}()")).strip()


def _there(connection: Connection) -> dict[str, tuple[str, bool]]:
    """By name, what each trigger of the audit tables does, and whether it is on."""
    if connection.dialect.name == "sqlite":
        return {str(name): (" ".join(str(sql).split()), True) for name, sql in connection.execute(_SQLITE_TRIGGERS)}
    return {
        str(row.name): (f"{row.definition} {row.body.strip()}", row.enabled in _ENABLED)
        for row in connection.execute(text(_POSTGRESQL_QUERY))
    }


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
