"""A token issuer for laptops and first tries: an ES256 key in a private file, the same token form as any provider."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from shared.ids import new_id
from shared.settings import SettingsError

LOCAL_ISSUER = "urn:qapf:local-issuer"


class LocalIssuer:
    """Signs tokens with the key in `key_file`; `create` makes the key and the public key set beside it."""

    def __init__(self, key_file: Path, issuer: str = LOCAL_ISSUER, audience: str = "qapf") -> None:
        self._issuer, self._audience = issuer, audience
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        except OSError as error:
            raise SettingsError(
                f"the local issuer's key cannot be read ({error.strerror}); `make run` creates it"
            ) from None
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        self._kid = _key_id(key)

    @classmethod
    def create(cls, directory: Path, audience: str = "qapf") -> LocalIssuer:
        """Make the key once; later calls keep it, so that tokens outlive a restart."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        key_file = directory / "issuer.pem"
        if not key_file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            _write_private(key_file, pem)
        issuer = cls(key_file, audience=audience)
        public = json.loads(ECAlgorithm.to_jwk(issuer._key.public_key()))
        public |= {"kid": issuer._kid, "use": "sig", "alg": "ES256"}
        _write_private(directory / "jwks.json", json.dumps({"keys": [public]}).encode(), mode=0o644)
        return issuer

    def token(
        self,
        subject: str,
        roles: Sequence[str],
        unit: str | None = None,
        lifetime: timedelta = timedelta(hours=12),
    ) -> str:
        """A signed bearer token; `unit` narrows it to one organisation unit and those below."""
        now = datetime.now(UTC)
        claims = {
            "iss": self._issuer, "aud": self._audience, "sub": subject, "roles": list(roles),
            "iat": now, "nbf": now, "exp": now + lifetime, "jti": str(new_id()),
        }  # fmt: skip
        if unit is not None:
            claims["qapf_unit"] = unit
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._kid})


def _key_id(key: ec.EllipticCurvePrivateKey) -> str:
    import hashlib

    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public).hexdigest()[:16]


def _write_private(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write whole or not at all: a half-written key would lock everyone out."""
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
