#!/usr/bin/env bash
# Runs cargo with the given arguments, also when HOME is not the home that the toolchain was installed in.
set -euo pipefail

works() { "$1" --version >/dev/null 2>&1; }

# Where rustup puts its proxies, next to the toolchains they need: (bin directory, RUSTUP_HOME).
try_home() {
    local bin=$1 rustup=$2
    shift 2
    [ -x "$bin/cargo" ] || return 0
    if RUSTUP_HOME=$rustup works "$bin/cargo"; then
        export RUSTUP_HOME=$rustup PATH="$bin:$PATH"
        exec cargo "$@"
    fi
}

if command -v cargo >/dev/null && works cargo; then
    exec cargo "$@"
fi
if [ -x "$HOME/.cargo/bin/cargo" ] && works "$HOME/.cargo/bin/cargo"; then
    PATH="$HOME/.cargo/bin:$PATH" exec cargo "$@"
fi
if command -v cargo >/dev/null; then
    proxies=$(cd "$(dirname "$(command -v cargo)")" && pwd)
    try_home "$proxies" "$(dirname "$(dirname "$proxies")")/.rustup" "$@"
    try_home "$proxies" "$(dirname "$(dirname "$proxies")")/rustup" "$@"
fi
owner_home=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6 || true)
try_home "${owner_home:-/nonexistent}/.cargo/bin" "${owner_home:-/nonexistent}/.rustup" "$@"
try_home /usr/local/cargo/bin /usr/local/rustup "$@"
echo "No working Rust toolchain found: install one from https://rustup.rs (Rust 1.92 or newer), then run this again." >&2
exit 1
