#!/bin/sh
# prove-openapi.sh [short]
#
# Asks a running system everything that its OpenAPI document allows, and much that it does not, and looks whether
# every answer is in the document: its status, its headers, its media type, its shape, and never a 5xx. Once as an
# administrator, once as a teacher, once as nobody. `short` takes about two minutes in all.
#
# The program that asks is Schemathesis, from PyPI, in an environment of its own below var/prove.
set -eu
. .config/prerequisites.sh
. .config/python.sh

home=var/prove
venv=$home/venv
korrigo=${CARGO_TARGET_DIR:-target}/debug/korrigo
checks=not_a_server_error,status_code_conformance,content_type_conformance
checks=$checks,response_schema_conformance,response_headers_conformance
case ${1-} in
short) examples=5 phases=examples,coverage ;;
*) examples=100 phases=examples,coverage,fuzzing,stateful ;;
esac

[ -x "$venv/bin/schemathesis" ] || {
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5
}

"$korrigo" dev --directory "$home/stack" clean >/dev/null 2>&1 || true
rm -f "$home/stack/dev.env"
mkdir -p "$home/stack"
"$korrigo" dev --directory "$home/stack" up >"$home/stack.log" 2>&1 </dev/null &
stack=$!
trap 'kill -TERM $stack 2>/dev/null || true; wait $stack 2>/dev/null || true' EXIT

waited=0
until [ -f "$home/stack/dev.env" ]; do
    kill -0 $stack 2>/dev/null && [ $waited -lt 180 ] || {
        cat "$home/stack.log" >&2
        exit 1
    }
    waited=$((waited + 1))
    sleep 1
done
# shellcheck disable=SC1091 # written by `korrigo dev up`
. "$home/stack/dev.env"

# token LOGIN PASSWORD
token() {
    curl --silent --fail --header 'Content-Type: application/json' \
        --data "{\"login\": \"$1\", \"password\": \"$2\"}" "$KORRIGO_URL/api/v1/session" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}

admin=$(token "$KORRIGO_ADMIN_LOGIN" "$KORRIGO_ADMIN_PASSWORD")
teacher=$(token "$KORRIGO_TEACHER_LOGIN" "$KORRIGO_TEACHER_PASSWORD")

# With ids that are there, and locks that are held, questions get past the first refusal. Every caller gets copies
# of their own, for many operations work only once. Nobody asks for ids that are made up.
scene() {
    ADMIN=$admin CALLER=$1 KORRIGO_URL=$KORRIGO_URL python3 .config/prove-scene.py "$home/stack/demo" >"$home/$2.toml"
}
scene "$admin" administrator
scene "$teacher" teacher
: >"$home/nobody.toml"

# ask NAME [ARGUMENT...]
ask() {
    name=$1
    shift
    echo "asking as $name"
    # Whoever ends the session, or a password with it, is asked for a new one from then on. The stream of a job is
    # not asked for: it may last as long as the job.
    "$venv/bin/schemathesis" --config-file "$home/$name.toml" run "$KORRIGO_URL/api/v1/openapi.json" \
        --checks "$checks" \
        --exclude-operation-id closeSession --exclude-operation-id openSession \
        --exclude-operation-id followJob --exclude-operation-id changePassword \
        --phases "$phases" --max-examples "$examples" --seed 20260615 --workers 1 \
        --generation-database none --max-response-time 30 --request-timeout 60 --no-color \
        --report junit --report-dir "$home/report-$name" "$@" >"$home/$name.log" 2>&1 || {
        cat "$home/$name.log"
        return 1
    }
    tail -n 12 "$home/$name.log"
}

failed=0
ask administrator --header "Authorization: Bearer $admin" || failed=1
ask teacher --header "Authorization: Bearer $teacher" || failed=1
ask nobody || failed=1
exit $failed
