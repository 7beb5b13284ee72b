"""An authority made for a test, which vouches for little servers as a real one would, or should not have."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OURS: Sequence[x509.GeneralName] = (x509.IPAddress(ip_address("127.0.0.1")),)
ANOTHERS: Sequence[x509.GeneralName] = (x509.DNSName("another.example"),)


class Authority:
    """One whose own certificate stands in `folder`, beside those it signs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        own = x509.BasicConstraints(ca=True, path_length=None)
        self._certificate = self._sign("Authority", self._key.public_key(), -1, 1, own)

    def trusted(self) -> ssl.SSLContext:
        """What a client uses that trusts this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.kept())
        return context

    def kept(self) -> Path:
        """The file that holds its certificate."""
        file = self._folder / "authority.pem"
        file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))
        return file

    def server(
        self, names: Sequence[x509.GeneralName] = OURS, *, from_day: int = -1, to_day: int = 1
    ) -> ssl.SSLContext:
        """What a server uses whose certificate is for these names and good between two days, counted from today."""
        key = ec.generate_private_key(ec.SECP256R1())
        own = self._sign("Server", key.public_key(), from_day, to_day, x509.SubjectAlternativeName(names))
        pem = self._folder / "server.pem"
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + own.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    def _sign(
        self, subject: str, key: ec.EllipticCurvePublicKey, from_day: int, to_day: int, extension: x509.ExtensionType
    ) -> x509.Certificate:
        def name(common: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])

        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("Authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=from_day))
            .not_valid_after(now + timedelta(days=to_day))
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )
