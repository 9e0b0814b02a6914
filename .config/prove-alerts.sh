#!/bin/sh
# prove-alerts.sh
#
# Lets the real Prometheus and Alertmanager watch a running system with what is in deploy/. A worker falls silent while
# an import comes: the pages have to arrive by webhook and mail with links that open, what only follows from them has to
# be held back, what the runbook has whoever is called run has to name it, and when the worker goes on the pages have to be
# taken back. The same with the broker. Then the worker dies. The rules are as they are; only how often is asked and told is
# quickened. It takes about thirteen minutes.
set -eu
. .config/prerequisites.sh
. .config/python.sh
. .config/prometheus.sh

home=$PWD/var/alerts
korrigo=${CARGO_TARGET_DIR:-target}/debug/korrigo
prometheus=$(command -v prometheus)
alertmanager=$(command -v prometheus-alertmanager)
started=""
stop() {
    # Whoever is asleep cannot be stopped.
    for pid in ${KORRIGO_WORKER_PID-} ${KORRIGO_RABBITMQ_PID-} ${KORRIGO_DEV_PID-}; do
        kill -CONT "$pid" 2>/dev/null || true
    done
    for pid in $started; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in $started; do
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'exit 1' INT TERM

# until_true SECONDS WHAT COMMAND...
until_true() {
    limit=$1
    what=$2
    shift 2
    since=$(date +%s)
    until "$@" >/dev/null 2>&1; do
        [ $(($(date +%s) - since)) -lt "$limit" ] || {
            echo "error: after $limit seconds still not: $what" >&2
            return 1
        }
        sleep 1
    done
    echo "$what, after $(($(date +%s) - since)) s"
}
# Since line $begun of what is heard.
begun=1
heard() { tail -n "+$begun" "$home/heard" | grep -E "$1"; }
# upload KEY SCAN, which leaves the ids in $COPY and $job.
upload() {
    curl --silent --fail --header "Authorization: Bearer $token" --header "Idempotency-Key: $1" --form "file=@$2" \
        --output "$home/uploaded.json" "$KORRIGO_URL/api/v1/exams/$KORRIGO_DEMO_EXAM/copies"
    # shellcheck disable=SC2046 # two ids
    set -- $(python3 -c 'import json, sys; it = json.load(sys.stdin); print(it["copy_id"], it["job"]["id"])' \
        <"$home/uploaded.json")
    export COPY="$1"
    job=$2
}
# diagnosed VERDICT ALERT: what the runbook of the alert has people run says so, each command of it.
diagnosed() {
    python3 .config/prove-alerts.py diagnosis "$2" >"$home/diagnosis"
    [ -s "$home/diagnosis" ] || {
        echo "error: the runbook of $2 has no command" >&2
        return 1
    }
    while read -r line; do
        # shellcheck disable=SC1091 # written by `korrigo dev up`
        said=$(set -a && . "$home/stack/dev.env" && PATH=$(dirname "$korrigo"):$PATH sh -c "$line" </dev/null) || true
        echo "$said" | grep -qx "verdict  *$1" || {
            printf 'error: %s does not say %s\n%s\n' "$line" "$1" "$said" >&2
            return 1
        }
        echo "\`$line\` says $1"
    done <"$home/diagnosis"
}
asks() { promtool query instant "$url" "$1" | grep .; }

"$korrigo" dev --directory "$home/stack" clean >/dev/null 2>&1 || true
rm -rf "$home/stack/dev.env" "$home/prometheus" "$home/data" "$home/alertmanager" "$home/heard"
mkdir -p "$home/stack" "$home/alertmanager"
cp -R deploy/prometheus "$home/prometheus"

mkdir -m 700 "$home/prometheus/secrets"
KORRIGO_ADMIN_TOKEN=$(python3 -c 'import secrets; print(secrets.token_hex())')
export KORRIGO_ADMIN_TOKEN
echo "$KORRIGO_ADMIN_TOKEN" >"$home/prometheus/secrets/admin-token"
"$korrigo" dev --directory "$home/stack" up >"$home/stack.log" 2>&1 </dev/null &
started="$started $!"
until_true 180 "Korrigo runs" test -f "$home/stack/dev.env"
# shellcheck disable=SC1091 # written by `korrigo dev up`
. "$home/stack/dev.env"

# shellcheck disable=SC2046 # a list of numbers
set -- $(python3 .config/prove-alerts.py ports 4)
url=http://127.0.0.1:$1
# target NAME URL
target() {
    address=${2#http://}
    printf -- '- targets: ["%s"]\n' "${address%%/*}" >"$home/prometheus/targets/$1.yml"
}
target gateway "$KORRIGO_GATEWAY_ADMIN"
target grading "$KORRIGO_GRADING_ADMIN"
target pdf-worker "$KORRIGO_WORKER_ADMIN"
target rabbitmq "$KORRIGO_RABBITMQ_METRICS"
target prometheus "$url"
target alertmanager "http://127.0.0.1:$2"
sed -i -e 's/scrape_interval: .*/scrape_interval: 3s/' -e 's/scrape_timeout: .*/scrape_timeout: 3s/' \
    -e 's/evaluation_interval: .*/evaluation_interval: 3s/' -e "s#runbooks: .*#runbooks: http://127.0.0.1:$3#" \
    "$home/prometheus/prometheus.yml"
sed -e "s#https://[a-z]*.school.example#http://127.0.0.1:$3#" -e "s/smtp_smarthost: .*/smtp_smarthost: 127.0.0.1:$4/" \
    -e 's/\(group_wait\|group_interval\): .*/\1: 5s/' -e 's/^\( *\)smtp_from:.*/&\n\1smtp_require_tls: false/' \
    deploy/alertmanager/alertmanager.yml >"$home/alertmanager/alertmanager.yml"

python3 .config/prove-alerts.py listen "$3" "$4" >"$home/heard" 2>"$home/listen.log" &
started="$started $!"
"$alertmanager" --config.file="$home/alertmanager/alertmanager.yml" --storage.path="$home/alertmanager/data" \
    --web.listen-address="127.0.0.1:$2" --cluster.listen-address= >"$home/alertmanager.log" 2>&1 &
started="$started $!"
"$prometheus" --config.file="$home/prometheus/prometheus.yml" --storage.tsdb.path="$home/data" \
    --web.listen-address="127.0.0.1:$1" --rules.alert.resend-delay=5s >"$home/prometheus.log" 2>&1 &
started="$started $!"

until_true 60 "all targets are scraped" asks 'count(up == 1) == 7'
until_true 30 "the watchdog is heard" heard '^webhook /korrigo firing KorrigoWatchdog'

# A refusal, so that there is something to show everywhere.
curl --silent --output "$home/refused.json" "$KORRIGO_URL/api/v1/copies"
# Each group of rules has its own time of the minute.
until_true 150 "everything is recorded" asks 'job:http_errors:ratio_rate3d and on () job:http_slow:ratio_rate3d'
sleep 5
python3 .config/prove-alerts.py dashboards "$url" deploy/grafana/dashboards

kill -STOP "$KORRIGO_WORKER_PID"
echo "the worker falls silent, and a copy is uploaded"
token=$(curl --silent --fail --header 'Content-Type: application/json' \
    --data "{\"login\": \"$KORRIGO_ADMIN_LOGIN\", \"password\": \"$KORRIGO_ADMIN_PASSWORD\"}" \
    "$KORRIGO_URL/api/v1/session" | python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')
upload prove-alerts "$KORRIGO_DEMO_SCAN"

until_true 180 "somebody is told that the worker is down" \
    heard '^webhook /korrigo/page firing KorrigoServiceDown pdf-worker'
until_true 180 "somebody is told that an import waits" \
    heard '^webhook /korrigo/page firing KorrigoQueueWithoutConsumer queues'
until_true 10 "it also comes by mail" heard '^mail on-call@school.example .*KorrigoQueueWithoutConsumer'
until_true 180 "each instance that is down has an alert" \
    asks 'ALERTS{alertname="KorrigoTargetDown", alertstate="firing"}'
sleep 15
if heard 'KorrigoTargetDown'; then
    echo "error: a consequence was told beside its cause" >&2
    exit 1
fi
echo "nobody is told, it follows from the service being down"
diagnosed no_worker KorrigoQueueWithoutConsumer

kill -CONT "$KORRIGO_WORKER_PID"
echo "the worker goes on"
until_true 180 "the service is back" heard '^webhook /korrigo/page resolved KorrigoServiceDown pdf-worker'
until_true 180 "nothing waits any more" heard '^webhook /korrigo/page resolved KorrigoQueueWithoutConsumer queues'
imported() {
    curl --silent --fail --header "Authorization: Bearer $token" "$KORRIGO_URL/api/v1/jobs/$job" |
        grep '"state":"SUCCEEDED"'
}
until_true 180 "the copy is imported" imported

kill -STOP "$KORRIGO_RABBITMQ_PID"
echo "the broker falls silent"
until_true 180 "somebody is told that the broker is down" heard '^webhook /korrigo/page firing KorrigoServiceDown rabbitmq'
until_true 240 "that the broker is lost has an alert" \
    asks 'ALERTS{alertname="KorrigoBrokerLost", alertstate="firing"}'
sleep 15
if heard 'KorrigoBrokerLost'; then
    echo "error: a consequence was told beside its cause" >&2
    exit 1
fi
kill -CONT "$KORRIGO_RABBITMQ_PID"
echo "the broker goes on"
until_true 180 "the broker is back" heard '^webhook /korrigo/page resolved KorrigoServiceDown rabbitmq'
until_true 180 "nobody misses the broker any more" asks 'absent(ALERTS{alertname="KorrigoBrokerLost"})'

begun=$(($(wc -l <"$home/heard") + 1))
# It would end everything with the worker.
kill -STOP "$KORRIGO_DEV_PID"
kill -KILL "$KORRIGO_WORKER_PID"
echo "the worker dies, and another copy is uploaded"
{ cat "$KORRIGO_DEMO_SCAN" && echo '% another'; } >"$home/another.pdf"
upload prove-alerts-again "$home/another.pdf"
until_true 180 "somebody is told again that an import waits" \
    heard '^webhook /korrigo/page firing KorrigoQueueWithoutConsumer queues'
diagnosed no_worker KorrigoQueueWithoutConsumer

begun=1
if heard '^broken'; then
    echo "error: an alert came without a link that opens" >&2
    exit 1
fi
echo "all that was heard:"
grep -v KorrigoWatchdog "$home/heard"
