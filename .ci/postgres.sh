#!/usr/bin/env bash
# Finds a PostgreSQL server (15 or newer) or installs one with the system's package manager, and prints the directory
# of its programs on stdout. Never starts, creates or touches the system's own database cluster.
set -euo pipefail

oldest=15

say() { echo "postgres: $*" >&2; }

# The major version of the server in directory $1, if all the programs needed are there.
major_in() {
    local program
    for program in initdb pg_ctl postgres; do
        [ -x "$1/$program" ] || return 1
    done
    "$1/postgres" --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9][0-9]*\).*/\1/p'
}

# Prints the first usable directory: the one asked for, then PATH, then the newest of the usual places.
find_server() {
    local dir major best='' best_major=0
    if [ -n "${PURSER_POSTGRES_BIN:-}" ]; then
        major=$(major_in "$PURSER_POSTGRES_BIN") || true
        if [ "${major:-0}" -ge "$oldest" ]; then
            echo "$PURSER_POSTGRES_BIN"
            return 0
        fi
        say "PURSER_POSTGRES_BIN=$PURSER_POSTGRES_BIN holds no PostgreSQL server of version $oldest or newer"
        exit 1
    fi
    dir=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
    major=$(major_in "$dir") || true
    if [ "${major:-0}" -ge "$oldest" ]; then
        echo "$dir"
        return 0
    fi
    for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /usr/local/pgsql/bin \
        /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
        /home/linuxbrew/.linuxbrew/opt/postgresql@*/bin; do
        major=$(major_in "$dir") || continue
        if [ "${major:-0}" -ge "$oldest" ] && [ "$major" -gt "$best_major" ]; then
            best=$dir best_major=$major
        fi
    done
    [ -n "$best" ] && echo "$best"
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "installing it needs root or sudo: install PostgreSQL $oldest or newer, or set PURSER_POSTGRES_BIN"
        exit 1
    fi
}

# Debian's packages create and start a cluster of their own unless told otherwise. They are told otherwise for this
# installation only; clusters that exist already are not touched.
install_apt() {
    local settings=/etc/postgresql-common/createcluster.conf status=0
    # Lists that are there may do; stale or missing ones are refreshed.
    as_root apt-get install -y --no-install-recommends postgresql-common ||
        { as_root apt-get update && as_root apt-get install -y --no-install-recommends postgresql-common; }
    as_root cp -p "$settings" "$settings.before-purser"
    printf 'create_main_cluster = false\n' | as_root tee -a "$settings" >/dev/null
    as_root apt-get install -y --no-install-recommends postgresql || status=$?
    as_root mv "$settings.before-purser" "$settings"
    return "$status"
}

install_dnf() {
    # Enterprise releases default to an older major and offer newer ones as modules.
    as_root dnf -y module enable postgresql:16 || true
    as_root dnf -y install postgresql-server
}

install_server() {
    local managers=(apt-get dnf apk pacman brew) manager=''
    for manager in "${managers[@]}" ''; do
        if [ -n "$manager" ] && command -v "$manager" >/dev/null; then break; fi
    done
    if [ -z "$manager" ]; then
        say "no server found, and none of ${managers[*]} to install one: install PostgreSQL $oldest or newer"
        exit 1
    fi
    say "no server found, installing one with $manager (it is not started)"
    case $manager in
        apt-get) DEBIAN_FRONTEND=noninteractive install_apt ;;
        dnf) install_dnf ;;
        apk) as_root apk add postgresql ;;
        pacman) as_root pacman -S --noconfirm --needed postgresql ;;
        brew) brew install postgresql@17 ;;
    esac >&2 || {
        say "$manager could not install it: install PostgreSQL $oldest or newer, or set PURSER_POSTGRES_BIN"
        exit 1
    }
}

if ! find_server; then
    install_server
    if ! find_server; then
        say "this system's packages offer no PostgreSQL $oldest or newer: see https://www.postgresql.org/download/"
        exit 1
    fi
fi
