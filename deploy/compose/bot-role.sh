#!/bin/sh
# Run once by the PostgreSQL image, when the database is made: the role that the bot signs in as. It may read and write
# rows, and owns no table: docs/operations.md, "PostgreSQL and replicas".
set -eu

psql --set=ON_ERROR_STOP=1 --set=password="$(cat /run/secrets/bot-password)" \
  --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --quiet <<'SQL'
CREATE ROLE portcullis LOGIN PASSWORD :'password';
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portcullis;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO portcullis;
SQL
