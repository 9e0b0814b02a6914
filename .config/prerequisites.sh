# Sourced by the Makefile before cargo: finds Rust, and what the build needs of the system. Sets KORRIGO_SHIPPED to
# the cargo arguments with which it gets by without what cannot be installed, and KORRIGO_FEATURES to the same with the
# places at which tests have processes die.

KORRIGO_SHIPPED=""

command -v cargo >/dev/null || PATH="$HOME/.cargo/bin:$PATH"
command -v cargo >/dev/null || {
    echo "error: Rust is not installed. What to do: install rustup from your system or from https://rustup.rs" >&2
    exit 1
}

korrigo_packages() { sh .config/packages.sh "$@" 2>"$1.log"; }
korrigo_may_install() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }

mkdir -p var/packages || {
    echo "error: the directory var cannot be written. What to do: give it to $(id -un), or remove it" >&2
    exit 1
}

command -v cc >/dev/null || {
    if korrigo_may_install; then
        korrigo_packages var/packages/gcc gcc libc6-dev
    fi
    command -v cc >/dev/null || {
        echo "error: there is no C compiler. What to do: ask for the packages gcc and libc6-dev" >&2
        exit 1
    }
}

# The client library of PostgreSQL, and the OpenSSL that it uses. Whether they are there, the compiler knows best.
korrigo_has_libpq() {
    printf '%s\n' '#include <openssl/ssl.h>' 'int main(void) { return 0; }' >var/packages/libpq.c &&
        cc var/packages/libpq.c -lpq -lssl -lcrypto -o var/packages/libpq.out 2>/dev/null
}
korrigo_has_libpq || {
    if korrigo_may_install && korrigo_packages var/packages/libpq-dev libpq-dev && korrigo_has_libpq; then
        :
    else
        # Compiled from the sources that a crate brings, without OpenSSL. It takes a little longer, once.
        KORRIGO_SHIPPED="--no-default-features --features korrigo/bundled-libpq"
    fi
}
KORRIGO_FEATURES="$KORRIGO_SHIPPED --features korrigo-failpoint/failpoints"
export PATH KORRIGO_SHIPPED KORRIGO_FEATURES
