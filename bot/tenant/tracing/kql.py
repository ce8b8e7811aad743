"""Values in a query of the Kusto Query Language: its parameters can't be bound, so each is quoted with care.

A literal holds printable ASCII without a quote or a backslash as it is; everything else is written as a `\\u` escape,
for characters beyond the sixteen bits as the two halves of its pair. Nothing that ends a literal, a line or a comment
can stand in one. Source: Kusto Query Language, "The string data type".
"""

from __future__ import annotations

#: A value that is longer names nothing that mail has.
LONGEST = 2_048


def literal(value: str) -> str:
    """A value as one string literal, its quotes with it. Raises ValueError for a value longer than any can be."""
    if len(value) > LONGEST:
        raise ValueError(f"a value of {len(value):,} characters is none that mail has")
    return f'"{"".join(map(_written, value))}"'


def _written(char: str) -> str:
    if " " <= char <= "~" and char not in "\"'\\`":
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
