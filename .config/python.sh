# Sourced after prerequisites.sh by what proves and measures: brings Python, with what its environments need, and curl.

korrigo_has_python() { command -v curl >/dev/null && python3 -c 'import ensurepip, venv' 2>/dev/null; }

korrigo_has_python || {
    if korrigo_may_install; then
        korrigo_packages var/packages/python python3 python3-venv curl
    fi
    korrigo_has_python || {
        echo "error: Python with its environments, or curl, is missing. What to do: ask for the packages python3, python3-venv and curl" >&2
        exit 1
    }
}
