#!/bin/sh
# test.sh build|run|bring [ARGUMENT...]
#
# Compiles or runs all tests: with cargo-nextest where it is installed, else with cargo's own runner. The
# examples in the documentation are tests too, and nextest does not know them. `bring` only brings what tests need.
set -eu

what=$1
shift
chosen=$#
# Documents and metrics are read back and checked with programs that are not ours, clocks are set wrong by one, and what the
# README says is typed.
# bring PROGRAM PACKAGE...
bring() {
    program=$1
    shift
    if ! command -v "$program" >/dev/null && [ ! -x "var/packages/$1/usr/bin/$program" ]; then
        sh .config/packages.sh "var/packages/$1" "$@" 2>"var/packages/$1.log"
    fi
}
if [ "$what" != run ]; then
    bring pdftotext poppler-utils
    bring qpdf qpdf
    bring promtool prometheus prometheus-alertmanager
    bring amtool prometheus prometheus-alertmanager
    bring tesseract tesseract-ocr tesseract-ocr-fra tesseract-ocr-eng
    bring faketime faketime libfaketime
    bring curl curl
fi
if [ "$what" = bring ]; then
    exit
fi

# shellcheck disable=SC2086 # a list of words, usually empty
set -- --workspace ${KORRIGO_FEATURES-} "$@"

# What is tried at random is the same each time, so that who has changed nothing of it is not the one who is told of it. With
# `make prove`, and without this, it is something else each time.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED-20}"
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
