#!/bin/sh
# prove-s3.sh
#
# Keeps blobs in the bucket of a storage that schools run: the tests of what holds in any bucket, and the whole way of a copy,
# against a private Ceph of one monitor, one disk in memory and one gateway. Debian's packages of it are installed where they are
# missing, which only root can do: they know where they are.
set -eu
. .config/prerequisites.sh
. .config/python.sh
. .config/prove-tests.sh

if [ "${1-}" != inside ]; then
    .config/test.sh bring
    exec "${CARGO_TARGET_DIR:-target}/debug/korrigo" dev exec -- "$0" inside
fi
home=$PWD/var/ceph
has_ceph() { command -v radosgw >/dev/null && command -v radosgw-admin >/dev/null && command -v ceph-mon >/dev/null && command -v ceph-osd >/dev/null; }
if ! has_ceph && korrigo_may_install; then
    korrigo_packages var/packages/ceph radosgw ceph-common ceph-mon ceph-osd || true
fi
has_ceph || {
    echo "error: there is no Ceph. What to do: ask for the packages radosgw, ceph-common, ceph-mon and ceph-osd" >&2
    exit 1
}

monitor="" disk="" gateway=""
stop() {
    # Nothing of it is kept.
    for pid in $gateway $disk $monitor; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'exit 1' INT TERM

rm -rf "$home"
mkdir -p "$home/monitor" "$home/disk" "$home/run"
cluster=$(cat /proc/sys/kernel/random/uuid)
storage=$(cat /proc/sys/kernel/random/uuid)
# shellcheck disable=SC2046 # two numbers
set -- $(python3 .config/prove-alerts.py ports 2)
address="[v2:127.0.0.1:$1]"
url="http://127.0.0.1:$2"
cat >"$home/ceph.conf" <<END
[global]
fsid = $cluster
mon host = $address
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
mon allow pool size one = true
mon data avail crit = 0
mon data = $home/monitor
osd data = $home/disk
rgw data = $home/run
run dir = $home/run
admin socket = $home/run/\$name.socket
pid file = $home/run/\$name.pid
log file = $home/run/\$name.log
[client.rgw]
ms mon client mode = crc
rgw frontends = beast endpoint=${url#http://} tcp_nodelay=1
END
ask() { timeout 60 "$@" --conf "$home/ceph.conf" >>"$home/asked" 2>&1; }
failed() {
    echo "error: $1, see $home" >&2
    exit 1
}

begun=$(date +%s)
ask monmaptool --create --fsid "$cluster" --addv a "$address" --enable-all-features --set-min-mon-release pacific "$home/monitors" &&
    ask ceph-mon --mkfs --id a --monmap "$home/monitors" || failed "there is no monitor"
ceph-mon --conf "$home/ceph.conf" --id a --foreground >"$home/monitor.out" 2>&1 &
monitor=$!
ask ceph osd new "$storage" && ask ceph-osd --id 0 --mkfs --osd-uuid "$storage" || failed "there is no disk"
ceph-osd --conf "$home/ceph.conf" --id 0 --foreground >"$home/disk.out" 2>&1 &
disk=$!
radosgw --conf "$home/ceph.conf" --name client.rgw --foreground >"$home/gateway.out" 2>&1 &
gateway=$!
until curl --silent --max-time 2 --output "$home/answer" "$url"; do
    kill -0 "$gateway" 2>/dev/null && [ $(($(date +%s) - begun)) -lt 120 ] || failed "the gateway does not answer"
    sleep 0.2
done
# The key of the tests.
ask radosgw-admin --name client.rgw user create --uid korrigo --display-name Korrigo \
    --access-key a-key-for-tests --secret-key its-secret-for-tests-only || failed "there is no key"
echo "$(radosgw --version | cut -d ' ' -f 1-3) answers after $(($(date +%s) - begun)) s"

export KORRIGO_TEST_S3_URL="$url"
# proves PROGRAM BEGINNING
proves() {
    proves_tests "$home/$1" "$@" || { cat "$home/$1" && failed "$1 does not hold there"; }
    grep '^test .* ok$' "$home/$1"
}
proves blobs anywhere::
proves correcting bucket::
proves restoring a_backup_of_a_bucket
asked=$(grep -c 'beast: .* - korrigo \[' "$home/run/client.rgw.log") || failed "Ceph was not asked"
echo "holds: Ceph was asked $asked times"
