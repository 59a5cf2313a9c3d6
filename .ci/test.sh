#!/usr/bin/env bash
# Runs the workspace's tests under the program testkit ($1), with the rest of the arguments for the test runner.
set -euo pipefail

testkit=$1
shift
# Backtraces of errors that tests provoke on purpose are noise, and slow.
export RUST_LIB_BACKTRACE=${RUST_LIB_BACKTRACE:-0}
if .ci/cargo.sh nextest --version >/dev/null 2>&1; then
    exec "$testkit" run -- .ci/cargo.sh nextest run --workspace "$@"
fi
echo "cargo-nextest is not installed, using cargo test: a test that hangs is not ended" >&2
exec "$testkit" run -- .ci/cargo.sh test --workspace "$@"
