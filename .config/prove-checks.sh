#!/bin/sh
# prove-checks.sh [NUMBER...]
#
# Runs the checks of .config/prove-checks in their long form, or only those with these numbers, against private servers,
# and says of each what was run, what was seen, and whether it holds. All that was said is in var/prove/checks.
set -eu
. .config/prove-tests.sh

target=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR="$target"
table=.config/prove-checks
home=var/prove/checks
export KORRIGO_HOSTILE_REQUESTS=10000 KORRIGO_SURVIVAL_ROUNDS=3 KORRIGO_ROLLING_RATE=200 KORRIGO_RACE_ROUNDS=200
export KORRIGO_DRILL_COPIES=${KORRIGO_DRILL_COPIES:-100}
if [ "${KORRIGO_PROVE-}" != inside ]; then
    # Documents and metrics are read back with programs that are not ours.
    .config/test.sh bring
    KORRIGO_PROVE=inside exec "$target/debug/korrigo" dev exec -- "$0" "$@"
fi
rm -rf "$home"
mkdir -p "$home"

# proves LOG WORD...
proves() {
    log=$1
    shift
    case $1 in
    run)
        shift
        "$@" >"$log" 2>"$log.errors"
        ;;
    examples) proves_examples "$log" "$2" ;;
    optimized)
        shift
        make --no-print-directory build-optimized >"$log" 2>&1 &&
            KORRIGO_TEST_BIN_DIR=$target/measure proves_tests "$log" "$@"
        ;;
    *) proves_tests "$log" "$@" ;;
    esac
}

for number in "$@"; do
    grep -q "^$number$(printf '\t')" "$table" || {
        echo "there is no check $number" >&2
        exit 1
    }
done

failed=
held=
tab=$(printf '\t')
while IFS="$tab" read -r number title parts <&3; do
    case $number in '' | '#'*) continue ;; esac
    case " $* " in "  " | *" $number "*) ;; *) continue ;; esac
    echo "--- $number. $title"
    verdict=PASS
    place=0
    while read -r part; do
        place=$((place + 1))
        case "$held" in *"|$part|"*)
            echo "$part: as above"
            continue
            ;;
        esac
        echo "by $part"
        since=$(date +%s)
        # shellcheck disable=SC2086 # a list of words
        if proves "$home/$number-$place" $part </dev/null; then
            held="$held|$part|"
            case $part in
            run*) sed 's/^/    /' "$home/$number-$place" ;;
            *) grep -E '^(test .* \.\.\. ok|seen: )' "$home/$number-$place" | sed 's/^/    /' ;;
            esac
            echo "    after $(($(date +%s) - since)) s"
        else
            verdict=FAIL
            cat "$home/$number-$place"*
        fi
    done <<END
$(echo "$parts" | sed 's/ | /\n/g')
END
    echo "$verdict $number. $title"
    [ $verdict = PASS ] || failed="$failed $number"
done 3<"$table"
[ -z "$failed" ] || {
    echo "failed:$failed"
    exit 1
}
