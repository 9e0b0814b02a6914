#!/bin/sh
# prove.sh [short | versions | drill [SCENARIO...] | faults | overload | image | s3 | checks [NUMBER...]]
#
# Proves what the documents promise, at length: the checks of .config/prove-checks, every operation of the OpenAPI document,
# documents that were damaged at random, rules that hold for anything, what becomes of more load than the system carries, which
# wants the machine for itself, and blobs in the bucket of a storage that schools run. `short` is every operation with fewer questions
# and every fault of the playbook without Prometheus, in five minutes: what it leaves out is among the tests in a shorter form.
#
# `checks` is the first of these alone; `faults` is those of it that show what the system survives, and `drill` the one that does
# every fault of the playbook, or those that are named, while Prometheus watches. `overload` is the load alone, in three minutes after
# an optimized build; `s3` is Ceph, which keeps the blobs; `versions` runs the version before the newest migration beside this one;
# `image` compiles the programs on nothing but what the image is built from.
set -eu

case ${1-} in
short)
    .config/prove-openapi.sh short
    exec "${CARGO_TARGET_DIR:-target}/debug/korrigo" drill --all
    ;;
versions) exec .config/prove-versions.sh ;;
drill)
    shift
    [ $# -gt 0 ] || set -- --all
    . .config/prometheus.sh
    exec "${CARGO_TARGET_DIR:-target}/debug/korrigo" drill --alerts deploy/prometheus "$@"
    ;;
checks)
    shift
    exec .config/prove-checks.sh "$@"
    ;;
overload)
    mkdir -p var/prove
    exec make --no-print-directory bench-overload ARGS= REPORT=var/prove/overload.md
    ;;
image) exec .config/prove-image.sh ;;
s3) exec .config/prove-s3.sh ;;
faults) exec .config/prove-checks.sh 19 20 21 22 23 ;;
esac
.config/prove-checks.sh
.config/prove-openapi.sh
PROPTEST_CASES=3000 cargo test --quiet -p korrigo-pdf --test pdf hostile
PROPTEST_CASES=3000 cargo test --quiet -p korrigo-domain -p korrigo-telemetry -p korrigo-pdf --lib
# shellcheck disable=SC2086 # a list of words, usually empty
"${CARGO_TARGET_DIR:-target}/debug/korrigo" dev exec -- \
    cargo test --quiet --workspace ${KORRIGO_FEATURES-} --test store --test gateway -- sequences:: any_body::
.config/prove-image.sh
"$0" overload
exec .config/prove-s3.sh
