"""References from one service's database into another's that lead nowhere; services may look only into their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from shared.database import Database
from shared.settings import ServiceName

_PAGE = 5000
_SHOWN = 3
# What else people may have written in the place of a reference is counted and not shown: it could be about somebody.
_MAY_BE_SHOWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z][a-z0-9_]*")
_UUID = "'^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'"
_AUDITS = "SELECT id::text FROM audit UNION ALL SELECT source_ref FROM audit"
_ACTIONS = "SELECT id::text FROM action"
_FEEDBACK = (
    "SELECT id::text FROM view UNION ALL SELECT source_ref FROM view"
    " UNION ALL SELECT id::text FROM complaint UNION ALL SELECT respond_ref FROM complaint"
    " UNION ALL SELECT id::text FROM compliment UNION ALL SELECT respond_ref FROM compliment"
)
_INDICATORS = "SELECT code FROM framework_item WHERE kind = 'indicators'"


@dataclass(frozen=True)
class Reference:
    """What is quoted (`quoted` gives one column, `ref`) and where it must be found (one column of texts).

    Only what has the form of our own ids is held to be ours where people may also quote other systems.
    """

    what: str
    service: ServiceName
    quoted: str
    target: ServiceName
    known: str


def _ours(statement: str) -> str:
    return f"{statement} ~ {_UUID}"


def _in_reports(kind: str) -> str:
    """Quoted by reports of the last year: what is older may have reached the end of its retention."""
    return (
        f"SELECT jsonb_path_query(content, '$.** ? (@.type == \"{kind}\").id') #>> '{{}}' AS ref FROM report_revision "  # noqa: S608
        "WHERE created_at > now() - interval '1 year'"
    )


REFERENCES: tuple[Reference, ...] = (
    Reference(
        "audits in which views were given", "feedback",
        _ours("SELECT ref FROM view_link WHERE kind = 'audit' AND ref"), "audit", _AUDITS,
    ),
    Reference(
        "actions on weaknesses", "feedback", _ours("SELECT action_ref AS ref FROM weakness_link WHERE action_ref"),
        "audit", _ACTIONS,
    ),
    Reference(
        "audits that boards challenge", "feedback",
        _ours("SELECT about_ref AS ref FROM challenge WHERE about_kind = 'audit' AND about_ref"), "audit", _AUDITS,
    ),
    Reference(
        "indicators that boards challenge", "feedback",
        "SELECT about_ref AS ref FROM challenge WHERE about_kind = 'indicator'", "indicator", _INDICATORS,
    ),
    Reference(
        "complaints that learning came from", "audit",
        _ours("SELECT reference AS ref FROM learning_source WHERE kind = 'complaint' AND reference"),
        "feedback", _FEEDBACK,
    ),
    Reference(
        "feedback as evidence of actions and audits", "audit",
        _ours("SELECT ref FROM (SELECT kind, ref FROM action_evidence UNION ALL SELECT kind, ref FROM audit_attachment"
              " WHERE removed_at IS NULL) AS shown WHERE kind = 'feedback' AND ref"),
        "feedback", _FEEDBACK,
    ),
    Reference(
        "indicators as evidence of actions", "audit", "SELECT ref FROM action_evidence WHERE kind = 'indicator'",
        "indicator", _INDICATORS,
    ),
    Reference("actions in reports", "reporting", _in_reports("action"), "audit", _ACTIONS),
    Reference("challenges in reports", "reporting", _in_reports("challenge"), "feedback",
              "SELECT id::text FROM challenge"),
)  # fmt: skip


@dataclass(frozen=True)
class Dangling:
    """The references of one kind that lead nowhere, some of those that are ids or codes by name."""

    reference: Reference
    count: int
    examples: tuple[str, ...]


async def find_dangling(databases: Mapping[ServiceName, Database]) -> list[Dangling]:
    """Each kind of reference with what of it dangles; kinds between databases that are not given are left out."""
    return [
        await _look(one, databases[one.service], databases[one.target])
        for one in REFERENCES
        if one.service in databases and one.target in databases
    ]


async def _look(one: Reference, source: Database, target: Database) -> Dangling:
    count, after = 0, ""
    examples: list[str] = []
    while page := await _quoted(one, source, after):
        after = page[-1]
        lost = await _lost(one, target, page)
        count += len(lost)
        examples += [ref for ref in lost if _MAY_BE_SHOWN.fullmatch(ref)][: _SHOWN - len(examples)]
    return Dangling(one, count, tuple(examples))


async def _quoted(one: Reference, source: Database, after: str) -> list[str]:
    statement = (
        f'SELECT DISTINCT ref COLLATE "C" AS ref FROM ({one.quoted}) AS quoted '  # noqa: S608
        'WHERE ref COLLATE "C" > :after ORDER BY 1 LIMIT :page'
    )
    async with source.snapshot() as session:
        return list((await session.execute(sa.text(statement), {"after": after, "page": _PAGE})).scalars())


async def _lost(one: Reference, target: Database, page: list[str]) -> list[str]:
    # Asked after the source: what is made in the meantime is no loss.
    statement = (
        "SELECT ref FROM unnest(CAST(:refs AS text[])) AS ref "  # noqa: S608
        f"EXCEPT SELECT * FROM ({one.known}) AS known ORDER BY 1"
    )
    async with target.snapshot() as session:
        return list((await session.execute(sa.text(statement), {"refs": page})).scalars())
