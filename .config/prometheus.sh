# Sourced by scripts that need Prometheus, Alertmanager and their tools: brings them where they are not installed.

korrigo_prometheus=$PWD/var/packages/prometheus
korrigo_has_prometheus() {
    PATH="$PATH:$korrigo_prometheus/usr/bin" command -v promtool >/dev/null &&
        PATH="$PATH:$korrigo_prometheus/usr/bin" command -v amtool >/dev/null
}
mkdir -p var/packages
korrigo_has_prometheus || sh .config/packages.sh var/packages/prometheus prometheus prometheus-alertmanager \
    2>"$korrigo_prometheus.log" || true
korrigo_has_prometheus || {
    echo "error: there is no promtool and no amtool, see $korrigo_prometheus.log." \
        "What to do: ask for the packages prometheus and prometheus-alertmanager" >&2
    exit 1
}
# Debian's Alertmanager knows where its templates were installed. Where it is only unpacked it is told another path of
# the same length, which is good in this directory.
if [ -f "$korrigo_prometheus/usr/bin/prometheus-alertmanager" ]; then
    ln -sfn prometheus/usr/share/prometheus/alertmanager var/packages/alertmanager-template
    LC_ALL=C sed -i 's#/usr/share/prometheus/alertmanager#var/packages/alertmanager-template#g' \
        "$korrigo_prometheus/usr/bin/prometheus-alertmanager"
fi
PATH="$PATH:$korrigo_prometheus/usr/bin"
export PATH
