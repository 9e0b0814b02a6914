#!/bin/sh
# prove-versions.sh
#
# Two versions side by side: this one, and the one before its newest migration, which is built in a directory of its own.
#
# - The programs of before on the schema of now do the whole way of a copy, as long as the schema says that it supports them.
#   Those that know nothing of that refuse to start.
# - Beside those of now they do it too, as far as the order of an upgrade has them meet: workers first, then grading, then gateways.
#   Under load the newest step is applied, each service is replaced by that of now, in that order, and by that of before again on the
#   way back, where the step is taken back: no request fails.
# - The programs of now refuse the schema of before and say what is missing, and go on once it is applied.
set -eu
. .config/prerequisites.sh
. .config/prove-tests.sh

home=$PWD/var/versions
target=${CARGO_TARGET_DIR:-target}
if [ "${1-}" != inside ]; then
    newest=$(find migrations -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)
    since=$(git log --diff-filter=A --format=%H -- "$newest/up.sql" | tail -n 1)
    before=$(git log --format=%H -n 1 "${since:-HEAD}${since:+^}")
    git worktree remove --force "$home/before" 2>/dev/null || true
    git worktree add --quiet --force --detach "$home/before" "$before"
    echo "built: $(git log --format='%h %s' -n 1 "$before")"
    # With what that version says that its build needs.
    # shellcheck disable=SC1091,SC2086 # it is another version's; a list of words, usually empty
    (cd "$home/before" && . .config/prerequisites.sh && CARGO_TARGET_DIR=$home/target cargo build --quiet --workspace --bins $KORRIGO_FEATURES)
    exec "$target/debug/korrigo" dev exec -- "$0" inside "${newest##*/}"
fi

newest=$2
old=$home/target/debug
new=$target/debug
fail() {
    echo "error: $1" >&2
    exit 1
}
# Half of what is asked for where nothing but a replacement is shown: these are programs as tests use them.
export KORRIGO_ROLLING_RATE=100
export KORRIGO_SUPERUSER_URL="$KORRIGO_TEST_POSTGRES_URL" KORRIGO_DATABASE_NAME=versions
export KORRIGO_MIGRATE_PASSWORD=korrigo-test KORRIGO_APP_PASSWORD=korrigo-test KORRIGO_READ_PASSWORD=korrigo-test
address=${KORRIGO_TEST_POSTGRES_URL##*@}
export KORRIGO_MIGRATE_URL="postgres://korrigo_migrate:korrigo-test@${address%/*}/versions"
database="postgres://korrigo_app:korrigo-test@${address%/*}/versions"
# grading PROGRAMS: how a grading service ends that need not find a broker. It is stopped if it does not end by itself.
grading() {
    KORRIGO_DATABASE_URL=$database KORRIGO_AMQP_URL=$KORRIGO_TEST_AMQP_URL KORRIGO_GRADING_LISTEN=127.0.0.1:0 \
        KORRIGO_SERVICE_TOKEN=a-token-for-this-proof KORRIGO_ADMIN_LISTEN=127.0.0.1:0 KORRIGO_LOG_DIR="$home/logs" \
        timeout --preserve-status -s TERM 10 "$1/korrigo-grading" >"$home/grading.log" 2>&1
}

"$new/korrigo" migrate bootstrap
"$old/korrigo" migrate up >/dev/null
if "$new/korrigo" migrate check >"$home/check.log" 2>&1; then fail "this version takes the schema of before for its own"; fi
grep -q "${newest%%_*}" "$home/check.log" || fail "this version does not say that ${newest%%_*} is missing"
if grading "$new"; then fail "this version runs on the schema of before"; fi
grep -q schema_refused "$home/grading.log" || fail "this version does not say why it ends"
echo "holds: this version refuses the schema of before, and names what is missing"
"$new/korrigo" migrate up >/dev/null
grading "$new" || fail "this version does not run on its own schema"

if [ -d "$home/before/migrations/0012_schema_support" ] && "$old/korrigo" migrate check; then
    # The tests are of now and so is their schema; the services that they start are of before.
    # tests PROGRAM [BEGINNING...]
    tests() {
        proves_tests "$home/tests.log" "$@" || {
            cat "$home/tests.log"
            fail "the tests of $1 fail"
        }
        grep '^seen: ' "$home/tests.log" || true
    }
    for program in import people; do KORRIGO_TEST_BIN_DIR=$old tests $program; done
    KORRIGO_TEST_BIN_DIR=$old tests correcting cycle:: finalize:: release:: audit::
    echo "holds: the version before does its work on the schema of now"
    KORRIGO_TEST_BIN_DIR=$old KORRIGO_TEST_BIN_DIR_PDF_WORKER=$new tests import
    KORRIGO_TEST_BIN_DIR=$old KORRIGO_TEST_BIN_DIR_PDF_WORKER=$new tests correcting cycle:: finalize::
    echo "holds: workers of now do their work with grading and gateways of before"
    for program in import people; do KORRIGO_TEST_BIN_DIR=$new KORRIGO_TEST_BIN_DIR_GATEWAY=$old tests $program; done
    KORRIGO_TEST_BIN_DIR=$new KORRIGO_TEST_BIN_DIR_GATEWAY=$old KORRIGO_TEST_BIN_DIR_PDF_WORKER=$old tests import
    KORRIGO_TEST_BIN_DIR=$new KORRIGO_TEST_BIN_DIR_GATEWAY=$old KORRIGO_TEST_BIN_DIR_PDF_WORKER=$old \
        tests correcting cycle:: finalize:: release::
    echo "holds: gateways and workers of before do their work with grading of now"
    KORRIGO_TEST_BIN_DIR=$new KORRIGO_TEST_BIN_DIR_BEFORE=$old tests survival rolling::
    echo "holds: each service is replaced by that of now, and by that of before again, while the step is applied and taken back, and no request fails"
else
    if grading "$old"; then fail "the version before runs on a schema that does not support it"; fi
    grep -q schema_refused "$home/grading.log" || fail "the version before does not say why it ends"
    echo "holds: the schema of now does not support the version before, which refuses to start"
fi
