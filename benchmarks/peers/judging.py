"""What the job asks of every peer before it stores: a caller with the right, codes in force, answers that fit the tool.

The token is verified on each request, as the frameworks' own helpers do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import yaml

AUDIT_GROUND = """
SELECT
  EXISTS (SELECT FROM org_unit WHERE code = $1 AND valid_from <= $5 AND (valid_to IS NULL OR valid_to >= $5)),
  EXISTS (SELECT FROM org_unit WHERE code = $2),
  (SELECT count(*) FROM framework_item WHERE kind = 'themes' AND code = ANY($4) AND NOT retired),
  (SELECT max(version) FROM tool_version WHERE tool = $3 AND status = 'published'),
  EXISTS (SELECT FROM open_case WHERE case_reference = $6 AND $7 = ANY(workers || managers))
"""
QUESTIONS = "SELECT content::text FROM tool_version WHERE tool = $1 AND version = $2"
FEEDBACK_GROUND = """
SELECT 'units', code FROM org_unit WHERE code = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)
UNION ALL SELECT kind, code FROM framework_item WHERE kind = ANY($3) AND code = ANY($4) AND NOT retired
"""
PROCEDURE = "SELECT content::text FROM framework_item WHERE kind = 'complaint_procedures' AND code = $1"
DAYS_OFF = "SELECT day FROM bank_holiday"


class Refused(Exception):
    """What a framework turns into its own answer of this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@cache
def _keys() -> dict[str, jwt.PyJWK]:
    published = json.loads(Path(os.environ["QAPF_OIDC_JWKS_FILE"]).read_text())
    return {key["kid"]: jwt.PyJWK(key) for key in published["keys"]}


@cache
def _scopes() -> dict[str, frozenset[str]]:
    roles = yaml.safe_load(Path(os.environ["QAPF_ROLES_FILE"]).read_text())["roles"]
    return {role["code"]: frozenset(role["scopes"]) for role in roles}


def caller_of(authorization: str, scope: str) -> str:
    """The subject of a good token that has the scope; raises Refused."""
    token = authorization.removeprefix("Bearer ")
    try:
        key = _keys()[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token, key.key, algorithms=["ES256"], audience="qapf", issuer=os.environ["QAPF_OIDC_ISSUER"]
        )
    except (jwt.PyJWTError, KeyError):
        raise Refused(401) from None
    if not any(scope in _scopes().get(role, ()) for role in claims["roles"]):
        raise Refused(403)
    return str(claims["sub"])


@cache
def questions_of(content: str) -> dict[str, Mapping[str, Any]]:
    """The questions of an edition, by their codes."""
    tool = json.loads(content)
    return {one["code"]: one for section in tool["sections"] for one in section["questions"]}


def check_answers(asked: Mapping[str, Mapping[str, Any]], answers: Mapping[str, Any], grades: frozenset[str]) -> None:
    """Hold answers to the tool; raises Refused."""
    for code, given in answers.items():
        question = asked.get(code)
        if question is None or not _FITS[question["kind"]](question, given, grades):
            raise Refused(422)
    missing = [code for code, one in asked.items() if one.get("required") and not one.get("only_if")]
    if any(code not in answers and not asked[code].get("view_of") for code in missing):
        raise Refused(422)


_Fit = Callable[[Mapping[str, Any], Any, frozenset[str]], bool]
_FITS: dict[str, _Fit] = {
    "scale": lambda question, given, grades: isinstance(given, int) and 1 <= given <= 5,
    "text": lambda question, given, grades: isinstance(given, str),
    "grade": lambda question, given, grades: given in grades,
    "yes_no_na": lambda question, given, grades: given in ("yes", "no", "not_applicable"),
    "choice": lambda question, given, grades: any(given == one["code"] for one in question["options"]),
}


def check_not_later(given: date, today: date) -> None:
    """A day that has not come is refused."""
    if given > today:
        raise Refused(422)


@cache
def _procedure(content: str) -> dict[str, int]:
    stages = json.loads(content)["stages"]
    return {one["code"]: one[limit]["working_days"] for one in stages for limit in _LIMITS if one.get(limit)}


_LIMITS = ("local_target", "statutory_limit")


def days_of_stage(content: str, stage: str) -> int:
    """The working days of a stage's limit; raises Refused where the procedure has no such stage."""
    found = _procedure(content).get(stage)
    if found is None:
        raise Refused(422)
    return found
