"""One-time tokens: used once, forgotten as they are used, refused alike whatever is wrong with them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.feedback_api.errors import TokenNotUsable
from services.feedback_api.tokens import Issued, Spent, Terms, digest_of, issue, spend
from shared.auth.caller import Caller
from shared.problems import Malformed
from tests.conftest import Running

MANAGER = Caller("test-manager", scopes=frozenset({"feedback:write"}))


async def issued(feedback: Running, count: int = 5, **terms: object) -> Issued:
    wanted = {"kind": "view", "unit": "fs_weymouth", "expires_at": feedback.clock.now() + timedelta(days=30)} | terms
    async with feedback.database.transaction() as session:
        return await issue(session, MANAGER, Terms(**wanted), count, feedback.clock.now())  # type: ignore[arg-type]


async def spent(feedback: Running, secret: str, kind: str = "view") -> object:
    async with feedback.database.transaction() as session:
        return await spend(session, secret, kind, feedback.clock.now())  # type: ignore[arg-type]


async def test_a_token_says_what_it_was_issued_for_and_is_good_once(feedback: Running) -> None:
    batch = await issued(feedback, channel="questionnaires", respondent_group="young_person")
    found = await spent(feedback, batch.secrets[0])
    assert found == Spent("fs_weymouth", None, "questionnaires", "young_person")
    with pytest.raises(TokenNotUsable):
        await spent(feedback, batch.secrets[0])
    assert await spent(feedback, batch.secrets[1])


async def test_of_two_that_bring_the_same_token_at_once_one_is_taken(feedback: Running) -> None:
    (secret, *_) = (await issued(feedback)).secrets
    answers = await asyncio.gather(*(spent(feedback, secret) for _ in range(8)), return_exceptions=True)
    assert [type(one) for one in answers].count(TokenNotUsable) == 7


async def test_a_token_is_good_again_when_what_came_with_it_was_not_stored(feedback: Running) -> None:
    (secret, *_) = (await issued(feedback)).secrets
    with pytest.raises(RuntimeError):
        async with feedback.database.transaction() as session:
            await spend(session, secret, "view", feedback.clock.now())
            raise RuntimeError
    assert await spent(feedback, secret)


async def test_unknown_used_expired_withdrawn_and_of_another_kind_are_refused_alike(feedback: Running) -> None:
    used, old, withdrawn, survey = (
        (await issued(feedback)).secrets[0],
        (await issued(feedback, expires_at=feedback.clock.now() + timedelta(hours=1))).secrets[0],
        await issued(feedback),
        (await issued(feedback, kind="survey", about="wave_1")).secrets[0],
    )
    await spent(feedback, used)
    async with feedback.database.transaction() as session:
        await session.execute(
            sa.text("UPDATE token_batch SET revoked_at = issued_at WHERE id = :id"), {"id": withdrawn.batch_id}
        )
    feedback.clock.advance(timedelta(hours=1))
    told = []
    for secret in (used, old, withdrawn.secrets[0], survey, "00000-00000-00000-00000", "", "\ud800", "x" * 10_000):
        with pytest.raises(TokenNotUsable) as refused:
            await spent(feedback, secret)
        told.append((refused.value.slug, refused.value.detail, refused.value.errors, refused.value.headers))
    assert all(one == told[0] for one in told)


async def test_a_spent_token_leaves_nothing_by_which_to_find_it_or_who_had_it(feedback: Running) -> None:
    batch = await issued(feedback)
    for secret in batch.secrets[:2]:
        await spent(feedback, secret)
    async with feedback.database.snapshot() as session:
        rows = (await session.execute(sa.text("SELECT digest, used_on FROM submission_token"))).all()
        told = (await session.execute(sa.text("SELECT action, data::text AS data FROM activity"))).all()
    gone = {digest_of(secret) for secret in batch.secrets[:2]}
    assert not gone & {row.digest for row in rows}
    assert sorted(str(row.used_on) for row in rows if row.digest is None) == ["2026-11-23"] * 2
    assert [row.action for row in told if row.action.startswith("token")] == ["tokens.issued"]
    assert not any(secret in row.data for row in told for secret in batch.secrets)


async def test_a_token_copied_from_paper_is_read_as_it_was_meant() -> None:
    assert digest_of("0A1B2-C3D4E-F5G6H-7J8K9") == digest_of(" oaIb2c3d4e f5g6h\n7j8k9 ")
    assert digest_of("0A1B2-C3D4E-F5G6H-7J8K9") != digest_of("0A1B2-C3D4E-F5G6H-7J8K8")


async def test_tokens_are_for_units_of_the_caller_and_codes_in_force(feedback: Running) -> None:
    with pytest.raises(Malformed) as refused:
        await issued(feedback, unit="nowhere", channel="pigeons")
    assert [fault.pointer for fault in refused.value.errors] == ["/unit", "/channel"]
