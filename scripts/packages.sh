# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# packages.sh - the Debian packages that waxseal needs, and how they are installed.
#
# Sourced by ./waxseal and ./run-tests. No package named here starts a service: the servers that the
# tests talk to are unpacked into a folder of their own by tests/real, never installed on the host.

# shellcheck disable=SC2034 # the lists are for the scripts that source this one

# To build and run the program. (libunbound.pc names nettle, which libunbound-dev does not bring.)
packages_build="gcc libc6-dev meson ninja-build pkg-config libssl-dev libevent-dev libunbound-dev
    nettle-dev libidn2-dev libedit-dev libgsasl-dev libmagic-dev libcurl4-openssl-dev
    ca-certificates dns-root-data"

# To test it; ./run-tests adds nodejs and npm where they are not on PATH already.
packages_test="git python3 clang clang-14 libclang-rt-14-dev llvm-14 clang-format clang-tidy cppcheck
    valgrind libcmocka-dev libc6-dbg procps iproute2 util-linux openssl gnutls-bin shellcheck tmux zsh
    time swaks libnet-ssleay-perl libio-socket-inet6-perl libauthen-ntlm-perl libauthen-sasl-perl
    libdigest-hmac-perl libnet-dns-perl
    build-essential dpkg-dev debhelper"

packages_say() {
    printf '%s\n' "$@" >&2
}

# Those of the named packages that are not installed, on one line. Empty where dpkg is not known:
# there the build itself tells what it lacks.
packages_missing() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    # shellcheck disable=SC2016
    have=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" 2>/dev/null)"
    for name in "$@"; do
        case $have in
        *" installed:$name "*) ;;
        *) printf '%s ' "$name" ;;
        esac
    done
}

# The prefix that makes a command run as root: nothing for root, else sudo. Fails when there is none.
packages_become_root() {
    if [ "$(id -u)" -eq 0 ]; then
        printf 'env'
    elif ! command -v sudo >/dev/null 2>&1; then
        return 1
    elif sudo -n true >/dev/null 2>&1; then
        printf 'sudo -n'
    elif [ -t 0 ] && [ -t 2 ]; then
        printf 'sudo'
    else
        return 1
    fi
}

# packages_apt LOG PREFIX VERB [ARGUMENT...]: one apt-get, its output at the end of LOG.
packages_apt() {
    log=$1
    prefix=$2
    shift 2
    # shellcheck disable=SC2086
    $prefix env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 "$@" \
        >>"$log" 2>&1 </dev/null
}

# packages_ensure LOG NAME...: installs what is missing. The package lists are renewed only when an
# install fails without that. Returns 69 (EX_UNAVAILABLE) when it cannot be done.
packages_ensure() {
    log=$1
    shift
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    if ! prefix=$(packages_become_root); then
        packages_say "Debian packages are missing. Run this once as root, then try again:" "" \
            "    apt-get update && apt-get install -y --no-install-recommends ${missing% }" ""
        return 69
    fi
    packages_say "installing Debian packages: ${missing% }"
    mkdir -p "${log%/*}" && : >"$log" || return 69
    # shellcheck disable=SC2086
    packages_apt "$log" "$prefix" install --no-install-recommends $missing && return 0
    # shellcheck disable=SC2086
    packages_apt "$log" "$prefix" update &&
        packages_apt "$log" "$prefix" install --no-install-recommends $missing && return 0
    tail -n 20 "$log" >&2
    packages_say "could not install the packages; the whole output is in $log"
    return 69
}
