#!/bin/sh
# prove-rolling.sh
#
# Replaces two of each service under load, compiled as an installation's are: of those that tests use, two cores carry little more
# than the 200 requests in a second that are asked for.
set -eu
. .config/prerequisites.sh

target=${CARGO_TARGET_DIR:-target}
log=$PWD/var/prove/rolling
mkdir -p "${log%/*}"
# shellcheck disable=SC2086 # a list of words, usually empty
cargo build --quiet --profile measure -p korrigo -p korrigo-gateway -p korrigo-grading -p korrigo-pdf-worker $KORRIGO_SHIPPED
# shellcheck disable=SC2086 # a list of words
KORRIGO_ROLLING_RATE=${KORRIGO_ROLLING_RATE:-200} "$target/measure/korrigo" dev exec -- \
    cargo test --quiet --workspace $KORRIGO_FEATURES --test survival -- --format pretty --show-output rolling:: >"$log" 2>&1 || {
    cat "$log"
    exit 1
}
# A name that no test has any more proves nothing.
grep -E '^(test rolling::.* ok$|seen: )' "$log"
