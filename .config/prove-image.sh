#!/bin/sh
# prove-image.sh
#
# Runs what deploy/Dockerfile compiles with, on nothing but the files that .dockerignore lets through, and without a network.
# It does not make the image: for that it takes Docker.
set -eu
. .config/prerequisites.sh

home=$PWD/var/image
rm -rf "$home"
mkdir -p "$home"
cargo xtask image-files >"$home.files"
tar -cf - -T "$home.files" | tar -xf - -C "$home"

# The command between `cargo build` and the next `&&`, with its continued lines joined.
build=$(sed -n '/^ *cargo build/,/&&/p' deploy/Dockerfile | tr -d '\\\n' | sed 's/&&.*//')
case $build in
*"cargo build --release --locked "*) ;;
*)
    echo "error: deploy/Dockerfile does not compile as this script reads it" >&2
    exit 1
    ;;
esac
echo "on $(wc -l <"$home.files") files:$build"
cd "$home"
# shellcheck disable=SC2086 # a list of words
CARGO_NET_OFFLINE=true CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$home/target} $build $KORRIGO_SHIPPED
echo "holds: what the image is built from is enough"
