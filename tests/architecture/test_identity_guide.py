"""The guide to identity: its registration has the roles there are, and its settings take the tokens it shows."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from services.documentation import ENTRA
from services.entra import entra_registration
from shared.auth.roles import list_roles
from shared.auth.sources import build_verifier
from shared.problems import Unauthenticated
from shared.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ROLES = ROOT / "framework" / "dorset" / "roles.yaml"
GUIDE = (ROOT / "docs" / "identity.md").read_text(encoding="utf-8")
KEY = rsa.generate_private_key(65537, 2048)


def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_registration_has_an_app_role_for_each_role_and_takes_version_2_tokens() -> None:
    assert ENTRA.read_text(encoding="utf-8") == entra_registration(ROLES), "run `make docs`"
    found = json.loads(ENTRA.read_text(encoding="utf-8"))
    roles = {one["value"]: one for one in found["appRoles"]}
    assert list(roles) == [role.code for role in list_roles(ROLES)]
    assert len({one["id"] for one in found["appRoles"]}) == len(roles)
    assert found["api"]["requestedAccessTokenVersion"] == 2
    assert roles["reporting_service"]["allowedMemberTypes"] == ["Application"]
    # Once given to people, a role must not lose its id.
    assert roles["team_manager"]["id"] == "a63c95d5-6d38-5929-be50-08aa841bfefb"


def test_the_guides_table_of_roles_is_that_of_the_framework() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", GUIDE.partition("## Roles")[2], re.MULTILINE)
    assert [(code, title) for code, title in rows] == [(role.code, role.title) for role in list_roles(ROLES)]


def verifier(folder: Path) -> Any:
    given = {name.removeprefix("QAPF_").lower(): value for name, _, value in (
        line.partition("=") for line in block("env").splitlines()
    )}  # fmt: skip
    assert set(given) <= set(Settings.model_fields)
    public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "entra", "use": "sig"}
    (folder / "jwks.json").write_text(json.dumps({"keys": [public]}))
    return build_verifier(Settings(environment="production", **given, oidc_jwks_file=folder / "jwks.json"))


def token(claims: dict[str, Any]) -> str:
    now = datetime.now(UTC)
    return jwt.encode(claims | {"iat": now, "exp": now + timedelta(minutes=5)}, KEY, "RS256", {"kid": "entra"})


def tokens_shown() -> list[dict[str, Any]]:
    return [json.loads("{" + one) for one in block("json").replace("\n{", "\x00{").strip()[1:].split("\x00{")]


async def test_the_guides_settings_take_the_tokens_it_shows_as_it_says(tmp_path: Path) -> None:
    person, system = tokens_shown()
    check = verifier(tmp_path)
    manager = await check.verify(token(person))
    assert (manager.subject, manager.roles, manager.unit) == (person["oid"], {"team_manager"}, "fs_weymouth")
    assert not manager.may("activity:read") and manager.may("audit:write")
    service = await check.verify(token(system))
    assert (service.roles, service.unit) == ({"reporting_service"}, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://sts.windows.net/9f0c2a1e-0000-4000-8000-000000000001/", "ver": "1.0"},
        {"iss": "https://login.microsoftonline.com/9f0c2a1e-0000-4000-8000-00000000000f/v2.0"},
        {"aud": "api://5d3b7c10-0000-4000-8000-000000000002"},
        {"aud": "00000003-0000-0000-c000-000000000000"},
        {"oid": None},
        {"extn.qapf_unit": ["fs_weymouth"]},
    ],
)
async def test_tokens_of_version_1_of_another_tenant_or_for_another_api_are_refused(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    person = tokens_shown()[0] | changes
    with pytest.raises(Unauthenticated):
        await verifier(tmp_path).verify(token(person))
