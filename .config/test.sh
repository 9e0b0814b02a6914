#!/bin/sh
# test.sh build|run [ARGUMENT...]
#
# Compiles or runs all tests: with cargo-nextest where it is installed, else with cargo's own runner. The
# examples in the documentation are tests too, and nextest does not know them.
set -eu

what=$1
shift
chosen=$#
# Documents are read back with a reader that is not ours.
readers=var/packages/poppler-utils
if [ "$what" = build ] && ! command -v pdftotext >/dev/null && [ ! -x "$readers/usr/bin/pdftotext" ]; then
    sh .config/packages.sh "$readers" poppler-utils 2>"$readers.log"
fi

# shellcheck disable=SC2086 # a list of words, usually empty
set -- --workspace ${KORRIGO_FEATURES-} "$@"

if cargo nextest --version >/dev/null 2>&1; then
    case $what in
    build) cargo nextest run --no-run "$@" ;;
    run) cargo nextest run "$@" ;;
    esac
else
    case $what in
    build) cargo test --lib --bins --tests --no-run "$@" ;;
    run) cargo test --lib --bins --tests --no-fail-fast "$@" ;;
    esac
fi
# Whoever chooses tests does not want these.
if [ "$what" = run ] && [ "$chosen" = 0 ]; then
    cargo test --quiet --doc "$@"
fi
