# One image for the four services and the `qapf` command; the command chooses. Two small ones beside it hold the
# gateway's and the database's configuration, so that nothing has to be mounted from the folder of a checkout.
# Name base images by digest in production: --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:...
ARG PYTHON_IMAGE=python:3.13-slim
ARG GATEWAY_IMAGE=caddy:2
ARG POSTGRES_IMAGE=postgres:17

FROM ${GATEWAY_IMAGE} AS gateway
COPY --chmod=0444 deploy/gateway/Caddyfile /etc/caddy/Caddyfile
COPY --chmod=0444 deploy/gateway/index.html /srv/index.html

FROM ${POSTGRES_IMAGE} AS postgres
COPY --chmod=0555 deploy/postgres/databases.sh /docker-entrypoint-initdb.d/databases.sh

FROM ${PYTHON_IMAGE} AS build
RUN python -m venv --without-pip /venv
COPY requirements.txt /build/requirements.txt
# A package index of one's own: --secret id=pip_conf,src=pip.conf. The usual proxy build arguments work as well.
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf,required=false \
    python -m pip --python /venv/bin/python --disable-pip-version-check --no-input --no-cache-dir \
      install --quiet --require-hashes --only-binary :all: -r /build/requirements.txt \
    && /venv/bin/python -m compileall -q -j 0 /venv/lib
WORKDIR /app
COPY alembic.ini pyproject.toml ./
COPY shared shared
COPY services services
COPY migrations migrations
COPY framework framework
COPY examples examples
COPY deploy/make_secrets.py deploy/make_secrets.py
# A checkout made under a strict umask would be unreadable to the user below.
RUN chmod -R u=rwX,go=rX /app \
    && python -m compileall -q -j 0 shared services migrations \
    && printf '#!/venv/bin/python\nfrom services.cli import main\n\nmain()\n' > /venv/bin/qapf \
    && chmod 755 /venv/bin/qapf

# The same with PostgreSQL's own programs, which save and restore.
FROM build AS build-tools
COPY requirements-embedded.txt /build/requirements-embedded.txt
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf,required=false \
    python -m pip --python /venv/bin/python --disable-pip-version-check --no-input --no-cache-dir \
      install --quiet --require-hashes --only-binary :all: -r /build/requirements-embedded.txt

FROM ${PYTHON_IMAGE} AS services
# The root filesystem may be read-only, so bytecode is made here; the base image carries none of its library's.
RUN python -m compileall -q -j 0 "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" || true
# A named volume that is first mounted here takes this owner.
RUN install -d -m 0700 -o 10001 -g 10001 /run/qapf
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
# Options of uvicorn. Idle connections outlive the gateway's own 30 seconds, so that it never writes to one just closed.
# No WebSocket: a POST that asks for one and has a body would never be answered.
ENV UVICORN_HTTP=shared.protocol:HeadersFirst
ENV UVICORN_HOST=0.0.0.0 UVICORN_PORT=8000 UVICORN_ACCESS_LOG=false UVICORN_SERVER_HEADER=false UVICORN_WS=none \
    UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=20 UVICORN_TIMEOUT_KEEP_ALIVE=75
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-I", "-S", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
# For a service: uvicorn --factory services.<name>_api.app:create_app
CMD ["qapf", "--help"]

FROM services AS tools
USER 0:0
RUN install -d -m 0700 -o 10001 -g 10001 /backups
COPY --from=build-tools /venv /venv
USER 10001:10001

# What is built where no target is named.
FROM services
