"""Whether the former release can work on a newer schema: what it reads must be there, what it writes must be taken."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What the former release stores is put to the test by these where they come to a table it knows.
_RULES = {"c": "check", "u": "unique", "f": "foreign key", "x": "exclusion", "p": "primary key"}


@dataclass(frozen=True)
class Schema:
    """Columns by table and name: (type, nullable, has a default); rules by table: (kind, what it says)."""

    columns: dict[tuple[str, str], tuple[str, bool, bool]]
    rules: frozenset[tuple[str, str, str]]

    @property
    def tables(self) -> set[str]:
        return {table for table, _ in self.columns}


COLUMNS = """
SELECT table_name, column_name, udt_name, is_nullable = 'YES', column_default IS NOT NULL OR is_identity = 'YES'
FROM information_schema.columns WHERE table_schema = 'public'
"""
RULES = """
SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'f', 'x', 'p')
UNION ALL
SELECT i.indrelid::regclass::text, 'u', substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*') FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""


def schema_of(columns: list[tuple[str, str, str, bool, bool]], rules: list[tuple[str, str, str]]) -> Schema:
    return Schema({(table, name): (kind, null, given) for table, name, kind, null, given in columns}, frozenset(rules))


def what_breaks(before: Schema, after: Schema) -> list[str]:
    """What the former release would stumble over; empty where the step only adds."""
    found = []
    for (table, name), (kind, null, _) in before.columns.items():
        now = after.columns.get((table, name))
        if now is None:
            found.append(f"{table}.{name} is gone")
        elif now[0] != kind:
            found.append(f"{table}.{name} has another type")
        elif null and not now[1] and not now[2]:
            found.append(f"{table}.{name} must now be given")
    for (table, name), (_, null, given) in after.columns.items():
        if table in before.tables and (table, name) not in before.columns and not null and not given:
            found.append(f"{table}.{name} is new and must be given")
    gone = before.rules - after.rules
    for table, kind, says in after.rules - before.rules:
        new = [name for one, name in after.columns if one == table and (one, name) not in before.columns]
        # A rule on new columns alone is kept by whoever does not know them.
        wider = any((table, kind) == former[:2] and _allows(says, former[2]) for former in gone)
        if table in before.tables and not wider and not any(name in says for name in new):
            found.append(f"{table}: a new {_RULES[kind]} rule, {says}")
    return sorted(found)


def _allows(rule: str, former: str) -> bool:
    """Whether a rule that lists words is the former one with more of them."""
    listed = [set(re.findall(r"'[^']*'", one)) for one in (rule, former)]
    bare = {re.sub(r"(?:'[^']*'::text(?:, )?)+", "*", one) for one in (rule, former)}
    return len(bare) == 1 and listed[0] >= listed[1]
