#!/bin/sh
# check-migrations.sh
#
# Checks what migrations do to those who work meanwhile, with squawk. Taking one back is nobody's daily work and drops what
# the migration brought, so only the way up is checked.
set -eu
. .config/prerequisites.sh
. .config/python.sh

home=$PWD/var/migrations
tools="squawk-cli==2.70.0"
mkdir -p "$home"
[ "$(cat "$home/tools" 2>/dev/null)" = "$tools" ] || {
    rm -rf "$home/venv"
    python3 -m venv "$home/venv"
    "$home/venv/bin/pip" install --quiet --disable-pip-version-check "$tools"
    echo "$tools" >"$home/tools"
}
"$home/venv/bin/squawk" --config .config/squawk.toml migrations/*/up.sql
