# Sourced by what proves something with tests: runs some, and sees that there were any.

# proves_tests LOG PROGRAM [BEGINNING...]
# Two at a time: most of them start a whole system. One that hangs has failed, and so has a name that no test has any more.
proves_tests() {
    log=$1 program=$2
    shift 2
    # shellcheck disable=SC2086 # a list of words, usually empty
    timeout 3600 cargo test --quiet --workspace ${KORRIGO_FEATURES-} --test "$program" -- \
        --format pretty --show-output --test-threads 2 "$@" >"$log" 2>&1 && has_proven "$log" "$@"
}

# proves_examples LOG NAME
proves_examples() {
    # shellcheck disable=SC2086 # a list of words, usually empty
    cargo test --quiet --workspace ${KORRIGO_FEATURES-} --doc -- --format pretty "$2" >"$1" 2>&1 && has_proven "$1" "$2"
}

# has_proven LOG [NAME...]
has_proven() {
    log=$1
    shift
    [ $# -gt 0 ] || set -- .
    for name in "$@"; do
        grep -q "^test .*$name.* \.\.\. ok" "$log" || {
            echo "no test has the name $name" >>"$log"
            return 1
        }
    done
}
