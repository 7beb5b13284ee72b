"""Answers without a login: the token is used up and the answers are stored together, or neither is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.errors import TokenNotUsable
from services.feedback_api.forgiving import as_text, clean
from services.feedback_api.surveys.answering import NOT_GIVEN, read_answers
from services.feedback_api.surveys.errors import WaveNotOpen
from services.feedback_api.surveys.public_schemas import TokensIn
from services.feedback_api.surveys.response_schemas import AgeBand
from services.feedback_api.surveys.response_service import WITHOUT_NAME, Given, note_taken, store
from services.feedback_api.surveys.wave_queries import Held, read_wave, survey_of_wave
from services.feedback_api.surveys.wave_schemas import status_of
from services.feedback_api.tokens import Spent, Terms, look_at, spend, without_token
from shared.clock import local_date, local_midnight
from shared.organisation.units import units_below
from shared.problems import Fault, Malformed
from shared.schemas.framework.surveys import ENGLISH
from shared.suppression import is_small

# Where words are kept that stand under no question.
LEFT_OVER = "left_over"
# A wave may be extended; whether answers are taken is for the wave to say, not for the token.
_EXTRA_DAYS = 366
_FIELDS = frozenset({"token", "answers", "language", "respondent_group", "age_band", "pair_code"})


@dataclass(frozen=True)
class Sent:
    """What somebody sent: the token, and all the rest as it came."""

    token: str
    document: Mapping[str, Any]


def read_sent(document: Mapping[str, Any]) -> Sent:
    """Raises Malformed only where there is no token at all."""
    token = document.get("token")
    if not isinstance(token, str):
        raise Malformed("There is no token.", errors=[Fault("/token", "missing", "give the token that was handed out")])
    return Sent(token, document)


def terms_of(held: Held, body: TokensIn, unit: str, threshold: int) -> Terms:
    """What the tokens are for; raises Malformed where they are so few that an answer would be as good as signed."""
    faults = []
    if is_small(body.count, threshold):
        words = f"give out more than {threshold} tokens together, so that nobody can be told by the batch"
        faults.append(Fault("/count", "too_few", words))
    if body.respondent_group not in held.wave["respondent_groups"]:
        faults.append(Fault("/respondent_group", "respondent_group", "the wave does not ask this group"))
    if unit not in held.units:
        faults.append(Fault("/unit", "unknown_unit", "this is not the wave's unit or below it"))
    if faults:
        raise Malformed("The tokens cannot be so; see errors.", errors=faults)
    expires_at = local_midnight(held.wave["closes_on"] + timedelta(days=_EXTRA_DAYS))
    return Terms("survey", unit, expires_at, str(held.id), held.wave["channel"], body.respondent_group)


async def look(session: AsyncSession, sent: Sent, now: datetime) -> tuple[Held, Spent]:
    """The wave a token is for, without using it; raises TokenNotUsable or WaveNotOpen."""
    spent = await look_at(session, sent.token, "survey", now)
    return await _wave_of(session, spent, now, lock=False), spent


async def take(session: AsyncSession, sent: Sent, now: datetime) -> Given:
    """Use the token up and store the answers; raises TokenNotUsable or WaveNotOpen, and never for what they say."""
    spent = await spend(session, sent.token, "survey", now)
    held = await _wave_of(session, spent, now, lock=True)
    given = understand(held, sent, spent, now)
    await store(session, held, [given], now)
    await note_taken(session, WITHOUT_NAME, held, 1)
    return given


async def _wave_of(session: AsyncSession, spent: Spent, now: datetime, *, lock: bool) -> Held:
    row = await read_wave(session, UUID(spent.about), "share" if lock else None) if spent.about else None
    if row is None:
        raise TokenNotUsable()
    wave = dict(row)
    held = Held(wave, await survey_of_wave(session, wave), await units_below(session, wave["unit"]), None, own=False)
    if status_of(wave, local_date(now)) != "open":
        raise WaveNotOpen()
    return held


def group_of(held: Held, sent: Sent, spent: Spent) -> str:
    """The token's word goes first, then the respondent's, then the only group there is."""
    groups = held.wave["respondent_groups"]
    if spent.respondent_group is not None:
        return spent.respondent_group
    said = sent.document.get("respondent_group")
    if isinstance(said, str) and said in groups:
        return said
    return str(groups[0]) if len(groups) == 1 else NOT_GIVEN


def language_of(held: Held, sent: Sent) -> str:
    """The language somebody asked for, where the wave has it."""
    said = sent.document.get("language")
    return said if isinstance(said, str) and said in held.wave["languages"] else ENGLISH


def understand(held: Held, sent: Sent, spent: Spent, now: datetime) -> Given:
    """Every answer in its place; one that cannot be read is counted, and words are kept wherever they stand. Pure."""
    group, document = group_of(held, sent, spent), sent.document
    answers = document.get("answers")
    reading = read_answers(held.survey, held.wave["month"], group, answers if isinstance(answers, dict) else {})
    reading.words = {code: _cleaned(words, sent) for code, words in reading.words.items()}
    age_band, pair_code = document.get("age_band"), document.get("pair_code")
    known_age = age_band if held.survey.ask_age_band and age_band in get_args(AgeBand) else None
    paired = isinstance(pair_code, str) and len(held.survey.months) > 1 and 4 <= len(pair_code) <= 40
    lost = [text for text in _lost(reading.faults, document) if text.strip()]
    if lost:
        reading.words[LEFT_OVER] = _cleaned("\n".join(lost), sent)
    reading.set_aside()
    return Given(
        unit=spent.unit, respondent_group=group, language=language_of(held, sent), answered_on=local_date(now),
        reading=reading, age_band=known_age, pair_code=pair_code if paired else None, quarantined=True,
        left_over=int(answers is not None and not isinstance(answers, dict)) + int(age_band != known_age),
    )  # fmt: skip


def _cleaned(words: str, sent: Sent) -> str:
    """Words as they can be stored; without the token, which somebody may have copied into them."""
    return without_token(clean(words), sent.token)


def _lost(faults: list[Fault], document: Mapping[str, Any]) -> Iterator[str]:
    """What was written where no words are asked for: in answers that could not be read, and in other fields."""
    answers = document.get("answers")
    if isinstance(answers, dict):
        places = dict.fromkeys(fault.pointer.split("/")[2].replace("~1", "/").replace("~0", "~") for fault in faults)
        yield from (text for place in places for text in _texts(answers.get(place)))
    else:
        yield from _texts(answers)
    for name, value in document.items():
        if name not in _FIELDS and name.partition(" ")[0] != "token":
            yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    """Everything that is text in a value, however deep; numbers say nothing by themselves."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and value:
        yield as_text(value)
