#!/bin/sh
# check-alerts.sh [thresholds]
#
# Checks what is in deploy/ with the tools of Prometheus and Alertmanager: that they understand it, that every alert
# comes, stays away and goes as its tests say, and who hears of it. `thresholds` checks the tests instead: whether they
# notice a change of each threshold and duration of each alert, which takes some minutes.
set -eu
. .config/prometheus.sh

if [ "${1-}" = thresholds ]; then
    exec python3 .config/prove-thresholds.py deploy/prometheus
fi

# With a token in its place, so that all of the configuration can be checked.
home=var/alerts
rm -rf "$home/check"
mkdir -p "$home"
cp -R deploy/prometheus "$home/check"
mkdir "$home/check/secrets"
: >"$home/check/secrets/admin-token"

promtool check config --lint=all --lint-fatal "$home/check/prometheus.yml"
promtool test rules "$home"/check/tests/*.yml

alertmanager=deploy/alertmanager/alertmanager.yml
amtool check-config "$alertmanager"
# heard RECEIVER LABEL...
heard() {
    receiver=$1
    shift
    amtool config routes test --config.file "$alertmanager" --verify.receivers "$receiver" "$@" >/dev/null 2>&1 || {
        echo "error: an alert with $* is not heard by $receiver" >&2
        exit 1
    }
}
heard watchdog alertname=KorrigoWatchdog severity=none
heard pages alertname=KorrigoServiceDown severity=page component=grading
heard tickets alertname=KorrigoDeadLetters severity=ticket component=queues
