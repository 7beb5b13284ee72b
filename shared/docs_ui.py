"""The interactive API page, from files inside our own packages: it works without the internet."""

from html import escape

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

# fastapi-offline carries Swagger UI 5, which can show OpenAPI 3.1; nothing else of that package is used.
_PACKAGE = ("fastapi_offline", "static")
_ASSETS = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})

# Scripts only from our own files and no connection elsewhere: a description in a schema can run nothing.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

# Addresses are relative, so they hold under any prefix, whether or not a gateway strips it.
_PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{assets}/swagger-ui.css">
</head>
<body>
<div id="operations" data-openapi="{openapi}"></div>
<noscript>This page needs JavaScript. The same description is at <a href="{openapi}">{openapi}</a>.</noscript>
<script src="{assets}/swagger-ui-bundle.js"></script>
<script src="{assets}/start.js"></script>
</body>
</html>
"""

# `validatorUrl: null` keeps the schema from being sent to a public validator.
_START = """"use strict";
SwaggerUIBundle({
  url: document.getElementById("operations").dataset.openapi,
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "list",
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""


class _Assets(StaticFiles):
    """Only the two files the page needs, out of a package that holds more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Whole, whatever part is asked for: what is wrong with a part would be told in plain text.
        headers = [pair for pair in scope["headers"] if pair[0] != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path not in _ASSETS:
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=86400"
        return response


def mount_docs(app: FastAPI, title: str, path: str = "/docs") -> None:
    """Serve the page at `path`, its files below it. The app's own `docs_url` should be None."""
    depth = path.count("/") - 1
    openapi = "../" * depth + (app.openapi_url or "/openapi.json").lstrip("/")
    page = _PAGE.format(title=escape(title), assets=f"{path.rsplit('/', 1)[-1]}/assets", openapi=escape(openapi))

    async def show(request: Request) -> Response:
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"})

    async def start(request: Request) -> Response:
        return Response(_START, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    app.add_route(path, show, include_in_schema=False)
    app.add_route(f"{path}/assets/start.js", start, include_in_schema=False)
    app.mount(f"{path}/assets", _Assets(packages=[_PACKAGE]), name="docs_assets")
