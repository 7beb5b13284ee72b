"""What a service says of the personal data it holds: one declaration, which retention, erasure and access all read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa


@dataclass(frozen=True)
class Loosened:
    """A reference from what stays to what goes: it becomes null; `also` sets what must change with it."""

    table: str
    column: str
    also: str = ""


@dataclass(frozen=True)
class Logged:
    """Under which type and id the logs and kept answers speak of a row; `key` is SQL over the table's columns."""

    subject_type: str
    table: str
    key: str


@dataclass(frozen=True)
class Kind:
    """One kind of record: the row that stands for it, what goes with it, and from when its time is counted.

    `counted_from` and the conditions of `subjects` are SQL over the row as `r`; `{ref}` stands for the reference. A
    subject is `case`, or the name of a kind whose record takes this one with it when it is erased.
    A null day is one that has not come: the record is kept. Where a record falls due only once others have left,
    `{stays}` in `counted_from` follows the condition that there are any, and `waits_for` has their kind and where their
    key stands. `along` is done before the rows go, `{chosen}` standing for the condition that picks them. `beside` are
    tables that hang from the records by no key of the database, with the condition on their rows. `speaks_of` is the
    condition that a record is about a subject among others: it is told of, and a hold keeps it, but an erasure leaves
    it.
    """

    name: str
    table: str
    what: str
    whose: tuple[str, ...]
    retention: str
    counted_from: str
    subjects: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    loosened: tuple[Loosened, ...] = ()
    logged: tuple[Logged, ...] = ()
    # The id in the logs is itself somebody's (a case reference, a staff number), so it goes too.
    personal_key: bool = False
    # Columns by which rows of these tables go with another row of the same table (what was merged into it).
    follows: Mapping[str, str] = field(default_factory=dict)
    # Why an erasure leaves it all the same; empty where it does not.
    not_erased: str = ""
    along: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    speaks_of: Mapping[str, str] = field(default_factory=dict)
    waits_for: tuple[str, str] | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        return (self.table, *self.parts)

    @property
    def day(self) -> str:
        """The day the period is counted from, as the records now stand."""
        return self.counted_from.replace("{stays}", "")

    @property
    def concerns(self) -> Mapping[str, str]:
        """The subjects a record is about, by itself or among others."""
        return {**self.subjects, **self.speaks_of}


@dataclass(frozen=True)
class Mention:
    """A reference that stands in a record which stays: `strike` is how an erasure takes it out, as SET of an UPDATE."""

    by: str
    table: str
    where: str
    strike: str


@dataclass(frozen=True)
class Holdings:
    """All a service holds: kinds in the order they may go, the tables that hold nobody's data, and where staff stand.

    `staff` are the names of columns that hold an account or a staff number, in whatever table they stand.
    """

    metadata: sa.MetaData
    kinds: tuple[Kind, ...]
    impersonal: Mapping[str, str]
    staff: frozenset[str]
    mentions: tuple[Mention, ...] = ()

    def kind(self, name: str) -> Kind | None:
        return next((one for one in self.kinds if one.name == name), None)

    def owner(self, table: str) -> Kind | None:
        """The kind to whose records the rows of a table belong."""
        return next((one for one in self.kinds if table in one.tables), None)

    @property
    def found_by(self) -> list[str]:
        """The sorts of reference by which something is found here."""
        return [*(["case"] if any("case" in one.subjects for one in self.kinds) else []), "person", "record"]


READING = Kind(
    name="reading",
    table="read_log",
    what="Who read which case-level record, and when",
    whose=("staff",),
    retention="reading_log",
    counted_from="CAST(r.at AS date)",
)
"""The platform's own: the log of readings. Kept answers go by the hour, and the activity log from its oldest end."""
