#!/bin/sh
# prove-checks.sh [NUMBER...]
#
# Runs the checks of .config/prove-checks in their long form, or only those with these numbers, against private servers,
# and says of each what was run and whether it holds.
set -eu

table=.config/prove-checks
cargo nextest --version >/dev/null 2>&1 || {
    echo "prove-checks.sh: it needs cargo-nextest" >&2
    exit 1
}
export KORRIGO_HOSTILE_REQUESTS=10000
if [ "${KORRIGO_PROVE-}" != inside ]; then
    korrigo=${CARGO_TARGET_DIR:-target}/debug/korrigo
    KORRIGO_PROVE=inside exec "$korrigo" dev exec -- "$0" "$@"
fi
failed=
tab=$(printf '\t')
while IFS="$tab" read -r number title filter <&3; do
    case $number in '' | '#'*) continue ;; esac
    case " $* " in "  " | *" $number "*) ;; *) continue ;; esac
    echo "--- $number. $title"
    # shellcheck disable=SC2086 # a list of words, usually empty
    if cargo nextest run --workspace ${KORRIGO_FEATURES-} -E "$filter" --no-tests fail --status-level pass \
        --cargo-quiet --hide-progress-bar; then
        echo "PASS $number. $title"
    else
        echo "FAIL $number. $title"
        failed="$failed $number"
    fi
done 3<"$table"
[ -z "$failed" ] || {
    echo "failed:$failed"
    exit 1
}
