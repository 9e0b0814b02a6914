#!/bin/sh
# secrets.sh DIRECTORY [DATABASE_HOST BROKER_HOST]
#
# Makes what the services of an installation need to know of each other, one file each, at random. What is there is
# left as it is, so that it can be run again. The hosts are those of deploy/compose if they are not given; with a port
# if it is not the usual one: `database.internal:5433`.
#
# The directory is its owner's alone; the files may be read by whoever is handed one, such as a container's user.
set -eu

directory=${1:?where to write them}
database=${2:-postgres}
broker=${3:-rabbitmq}
mkdir -p "$directory"
chmod 700 "$directory"
cd "$directory"

# text NAME CONTENT...
text() {
    file=$1
    shift
    [ -s "$file" ] || {
        printf '%s\n' "$@" >"$file"
        chmod 444 "$file"
    }
}
# random NAME: letters and digits only, so that it needs no quotes in a URL.
random() {
    text "$1" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
}

for name in service-token admin-token metrics-token postgres-password migrate-password app-password read-password \
    amqp-password grafana-password; do
    random "$name"
done
text superuser-url "postgres://postgres:$(cat postgres-password)@$database/postgres"
text migrate-url "postgres://korrigo_migrate:$(cat migrate-password)@$database/korrigo"
text database-url "postgres://korrigo_app:$(cat app-password)@$database/korrigo"
text read-url "postgres://korrigo_read:$(cat read-password)@$database/korrigo"
text amqp-url "amqp://korrigo:$(cat amqp-password)@$broker/%2f"
# What a broker that is started for the first time takes as its only user.
text rabbitmq-user.conf 'default_user = korrigo' "default_pass = $(cat amqp-password)"
