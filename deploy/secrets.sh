#!/bin/sh
# secrets.sh DIRECTORY [DATABASE_HOST BROKER_HOST [VIRTUAL_HOST]]
#
# Makes what the services of an installation need to know of each other, one file each, at random. What is there is
# left as it is, so that it can be run again. The hosts are those of deploy/compose if they are not given; with a port
# if it is not the usual one: `database.internal:5433`. A virtual host of the broker other than `/` has a plain name; it
# stays the one of the first time.
#
# The directory is its owner's alone; the files may be read by whoever is handed one, such as a container's user.
set -eu

directory=${1:?where to write them}
database=${2:-postgres}
broker=${3:-rabbitmq}
permissions=$(cd "$(dirname "$0")" && pwd)/rabbitmq/permissions
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
    grafana-password; do
    random "$name"
done
text superuser-url "postgres://postgres:$(cat postgres-password)@$database/postgres"
text migrate-url "postgres://korrigo_migrate:$(cat migrate-password)@$database/korrigo"
text database-url "postgres://korrigo_app:$(cat app-password)@$database/korrigo"
text read-url "postgres://korrigo_read:$(cat read-password)@$database/korrigo"

# What is kept says which virtual host it is.
kept=
[ ! -s grading-amqp-url ] || kept=$(sed 's|.*/||; s|?.*||; s|^%2[Ff]$|/|' grading-amqp-url)
vhost=${4:-${kept:-/}}
[ "$vhost" = "${kept:-$vhost}" ] || {
    echo "error: $directory is for the virtual host $kept" >&2
    exit 1
}

# The broker's users with their passwords and rights, as RabbitMQ imports them. Made anew each time: nothing in it is its own.
users='' rights=''
while read -r user configure write read; do
    case $user in korrigo_*) ;; *) continue ;; esac
    name=${user#korrigo_}
    random "$name-amqp-password"
    password=$(cat "$name-amqp-password")
    text "$name-amqp-url" "amqp://$user:$password@$broker/$([ "$vhost" = / ] && echo %2f || echo "$vhost")"
    users="$users${users:+, }{\"name\": \"$user\", \"password\": \"$password\", \"tags\": \"\"}"
    rights="$rights${rights:+, }{\"user\": \"$user\", \"vhost\": \"$vhost\""
    rights="$rights, \"configure\": \"$configure\", \"write\": \"$write\", \"read\": \"$read\"}"
done <"$permissions"
rm -f rabbitmq.json
text rabbitmq.json "{\"vhosts\": [{\"name\": \"$vhost\"}], \"users\": [$users], \"permissions\": [$rights]}"
