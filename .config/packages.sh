#!/bin/sh
# packages.sh DIRECTORY PACKAGE...
#
# Brings packages of Debian and its relatives to this machine. As root, or with a sudo that asks nothing,
# they are installed, and none of the services they bring is started. Otherwise they are unpacked below
# DIRECTORY, with everything they need that is not installed: no rights are necessary for that.
# What it does is told on stdout; the package manager's own words go to stderr.
set -eu

case $1 in
/*) destination=$1 ;;
*) destination=$PWD/$1 ;;
esac
shift

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }

command -v apt-get >/dev/null || {
    say "this machine has no apt-get: install $* (or what it is called here) by hand"
    exit 1
}

# The part that needs root. It is a text of its own so that sudo can run it.
install_script='
set -eu
# A package that brings a service starts it unless this file forbids it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap "rm -f $policy" EXIT
    printf "#!/bin/sh\nexit 101\n" >"$policy"
    chmod 755 "$policy"
fi
install() { apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; }
# The lists of a fresh machine are empty or old. One source of several may be out of reach: try all the same.
install "$@" >&2 || { apt-get -o DPkg::Lock::Timeout=300 update >&2 || true; install "$@" >&2; }
'

if [ "$(id -u)" = 0 ]; then
    say "installing $* with apt-get"
    exec sh -c "$install_script" install "$@"
fi
if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    say "installing $* with sudo apt-get"
    exec sudo -n env DEBIAN_FRONTEND=noninteractive sh -c "$install_script" install "$@"
fi

say "no root and no sudo without a password: unpacking $* into $destination"
rm -rf "$destination.new"
mkdir -p "$destination.new/apt/lists/partial" "$destination.new/apt/cache/archives/partial" "$destination.new/debs"
new=$(cd "$destination.new" && pwd)

# Lists and cache of our own: the system's may be empty, and only root may refresh them.
apt() {
    apt-get -o Dir::State::Lists="$new/apt/lists" -o Dir::Cache="$new/apt/cache" -o Debug::NoLocking=1 \
        -o APT::Sandbox::User="$(id -un)" "$@"
}
say "  reading the package lists"
apt update >&2 || true

# A rehearsal names what is missing, the packages' needs included. The C library is left alone: it has to fit
# the loader of this machine.
missing=$(apt install --simulate --no-install-recommends "$@" |
    awk '$1 == "Inst" && $2 !~ /^(libc6|libc6-dev|libc-bin|libc-dev-bin)(:|$)/ { print $2 }')
[ -n "$missing" ] || {
    say "  the package manager says that $* is installed, but it was not found"
    exit 1
}
say "  fetching $(printf '%s\n' "$missing" | wc -l) packages"
# shellcheck disable=SC2086 # a list of words
(cd "$new/debs" && apt download $missing >&2)
for archive in "$new"/debs/*.deb; do
    dpkg-deb -x "$archive" "$new/root"
done

# Erlang's scripts know where they were installed.
for script in "$new"/root/usr/lib/erlang/bin/erl "$new"/root/usr/lib/erlang/bin/start \
    "$new"/root/usr/lib/erlang/bin/start_erl "$new"/root/usr/lib/erlang/erts-*/bin/erl; do
    [ ! -f "$script" ] || sed -i "s#ROOTDIR=/usr/lib/erlang#ROOTDIR=$destination/usr/lib/erlang#" "$script"
done

rm -rf "$destination"
mv "$new/root" "$destination"
rm -rf "$new"
say "  done"
