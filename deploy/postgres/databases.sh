#!/bin/bash
# Makes one role and one database for each service, none of which reaches another's. Run once, on an empty data folder.
set -euo pipefail

run() { psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" "$@"; }

# What a role cannot enter it cannot fill.
run --dbname postgres <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL

for service in audit indicator feedback reporting; do
  test -s "/run/qapf/postgres/$service" || { echo "no password for $service: was the secrets step run?" >&2; exit 1; }
  # psql reads the password itself: on a command line every process could see it.
  run --dbname postgres -v service="$service" -v name="qapf_$service" <<'SQL'
\set password `cat /run/qapf/postgres/:service`
CREATE ROLE :"name" LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT;
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
  run --dbname "qapf_$service" <<'SQL'
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
done
