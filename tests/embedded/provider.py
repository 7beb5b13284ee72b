"""An OpenID provider on a socket of the loopback: Authlib's server with users, clients and keys that turn."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask, Response, jsonify, request
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

AUDIENCE = "11111111-2222-4333-8444-555555555555"
BACK = "https://front.example/back"


@dataclass
class User:
    subject: str
    roles: list[str]
    unit: str | None = None

    def get_user_id(self) -> str:
        return self.subject


@dataclass
class Client(ClientMixin):  # type: ignore[misc]
    """A registered client; one with a secret is a system, one without a page in a browser."""

    identifier: str
    secret: str | None = None
    roles: list[str] = field(default_factory=list)

    def get_client_id(self) -> str:
        return self.identifier

    def get_default_redirect_uri(self) -> str:
        return BACK

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(one for one in scope.split() if one in ("openid", f"{AUDIENCE}/.default"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == BACK

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret is not None and self.secret == client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("none" if self.secret is None else "client_secret_basic")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == ("authorization_code" if self.secret is None else "client_credentials")


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    code: str
    user: User
    scope: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return BACK

    def get_scope(self) -> str:
        return self.scope


class Provider:
    """Its keys, its people and its clients; `rotate` signs with a new key, `withdraw` forgets the older ones."""

    def __init__(self) -> None:
        self.issuer = ""
        self.users: dict[str, User] = {}
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Code] = {}
        self.keys: list[Any] = []
        self.rotate()

    def rotate(self, kind: str = "RS256") -> None:
        made = RSAKey if kind == "RS256" else ECKey
        given = {"kid": f"key-{len(self.keys) + 1}", "use": "sig", "alg": kind}
        self.keys.append(made.generate_key(2048 if kind == "RS256" else "P-256", given))

    def withdraw(self) -> None:
        self.keys = self.keys[-1:]

    def application(self) -> Flask:
        app = Flask("provider")
        server = AuthorizationServer(app, query_client=self.clients.get, save_token=lambda token, asked: None)
        server.register_grant(grants.ClientCredentialsGrant)
        server.register_grant(_code_grant(self), [CodeChallenge(required=True)])
        server.register_token_generator("default", _generator(self))
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.discovery)
        app.add_url_rule("/keys", view_func=self.published)
        app.add_url_rule("/token", view_func=server.create_token_response, methods=["POST"])

        @app.get("/authorize")
        def authorize() -> Response:
            """The page where a person signs in, here by name alone."""
            user = self.users[request.args["login_hint"]]
            grant = server.get_consent_grant(end_user=user)
            answer: Response = server.create_authorization_response(grant=grant, grant_user=user)
            return answer

        return app

    def discovery(self) -> Response:
        places = {"jwks_uri": "keys", "token_endpoint": "token", "authorization_endpoint": "authorize"}
        return jsonify({"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in places.items()})

    def published(self) -> Response:
        return jsonify({"keys": [key.as_dict(private=False) for key in self.keys]})


def _generator(provider: Provider) -> JWTBearerTokenGenerator:
    class Generator(JWTBearerTokenGenerator):  # type: ignore[misc]
        def access_token_generator(self, **given: Any) -> str:
            self.issuer, self.alg = provider.issuer, provider.keys[-1].alg
            return str(super().access_token_generator(**given))

        def get_jwks(self) -> Any:
            return KeySet([provider.keys[-1]])

        def get_audiences(self, client: Client, user: User | None, scope: str) -> str:
            return AUDIENCE

        def get_extra_claims(self, client: Client, grant: str, user: User | None, scope: str) -> dict[str, Any]:
            held: dict[str, Any] = {"roles": (user or client).roles, "oid": f"oid-of-{(user or client).roles[0]}"}
            return held | ({"extn.qapf_unit": user.unit} if user and user.unit else {})

    return Generator(provider.issuer)


def _code_grant(provider: Provider) -> type[grants.AuthorizationCodeGrant]:
    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["none"]

        def save_authorization_code(self, code: str, asked: Any) -> None:
            sent = asked.payload.data
            made = Code(code, asked.user, asked.scope or "", sent["code_challenge"], sent["code_challenge_method"])
            provider.codes[code] = made

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> User:
            return authorization_code.user

    return CodeGrant


@contextmanager
def serving_provider(provider: Provider) -> Iterator[Any]:
    """The provider on a free port; what comes back can be shut down early."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, lambda environ, start: application(environ, start), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    application = provider.application()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
