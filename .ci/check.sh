#!/usr/bin/env bash
# Everything that is checked besides tests; fails with the first step that fails. Tools go to target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/target/tools
buf_version=1.75.0
deny_version=0.20.2

step() { printf '\n== %s\n' "$*"; }

install_buf() {
    [ -x "$tools/buf/node_modules/.bin/buf" ] && return
    command -v npm >/dev/null || {
        echo "buf comes as an npm package and npm is not installed: install Node.js" >&2
        exit 1
    }
    npm install --ignore-scripts --no-save --no-audit --no-fund --prefix "$tools/buf" "@bufbuild/buf@$buf_version"
}

install_cargo_deny() {
    [ -x "$tools/bin/cargo-deny" ] && return
    .ci/with_cargo.sh cargo install --locked --root "$tools" --version "$deny_version" cargo-deny
}

step "formatting"
.ci/with_cargo.sh cargo fmt --all --check

step "clippy, warnings denied"
.ci/with_cargo.sh cargo clippy --workspace --all-targets --locked -- -D warnings

step "contract (buf lint)"
install_buf
"$tools/buf/node_modules/.bin/buf" lint

step "licences, bans and sources of dependencies (cargo-deny)"
install_cargo_deny
PATH="$tools/bin:$PATH" .ci/with_cargo.sh cargo deny --locked --config .deny.toml check licenses bans sources
