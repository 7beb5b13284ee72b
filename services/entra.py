"""The registration of the API in Microsoft Entra ID, as Microsoft Graph takes it: an app role for each role."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from shared.auth.roles import Role, list_roles

# No person may ever be given what the reporting service does by itself.
_ONLY_SYSTEMS = {"reporting_service"}


def _id(kind: str, name: str) -> str:
    """Always the same for the same name, so that a registration made again grants what it granted."""
    return str(uuid5(NAMESPACE_URL, f"qapf:{kind}:{name}"))


def _app_role(role: Role) -> dict[str, object]:
    return {
        "id": _id("role", role.code),
        "value": role.code,
        "displayName": role.title,
        "description": f"{role.title} (what it may do is in roles.yaml)",
        "allowedMemberTypes": ["Application"] if role.code in _ONLY_SYSTEMS else ["Application", "User"],
        "isEnabled": True,
    }


def entra_registration(roles_file: Path) -> str:
    """The body of `POST /applications`; CLIENT_ID stands for what only Entra ID can give."""
    scope = {
        "id": _id("scope", "access"),
        "value": "access",
        "type": "User",
        "adminConsentDisplayName": "Use the services as the person who signed in",
        "adminConsentDescription": "The person's roles and unit decide what the services show and take.",
        "isEnabled": True,
    }
    unit = {"name": "extension_CLIENT_ID_qapf_unit", "source": "user", "essential": False, "additionalProperties": []}
    registration = {
        "displayName": "Quality assurance and performance",
        "signInAudience": "AzureADMyOrg",
        "identifierUris": ["api://CLIENT_ID"],
        "api": {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [scope]},
        "appRoles": [_app_role(role) for role in list_roles(roles_file)],
        "optionalClaims": {"accessToken": [unit], "idToken": [], "saml2Token": []},
    }
    return json.dumps(registration, indent=2, ensure_ascii=False) + "\n"
