#!/usr/bin/env bash
# The built system as its users meet it: `purser up` in release mode, the retailer's whole year replayed twice, the checks,
# a purchase by hand through `buf curl`, and an orderly end. Needs buf, which .ci/check.sh installs.
set -euo pipefail
cd "$(dirname "$0")/.."

buf=$PWD/target/tools/buf/node_modules/.bin/buf
purser=${CARGO_TARGET_DIR:-target}/release/purser
[ -x "$buf" ] || { echo "buf is not installed: run .ci/check.sh first" >&2; exit 1; }
PURSER_POSTGRES_BIN=$(.ci/postgres.sh)
export PURSER_POSTGRES_BIN
.ci/with_cargo.sh cargo build --release --locked -p purser

scratch=$(mktemp -d)
chmod 711 "$scratch" # root's Postgres runs as another user, who has to pass
server=

finish() {
    local code=$?
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" || true
        [ "$code" -eq 0 ] || { echo "--- the server's log"; tail -n 50 "$scratch/log"; } >&2
    fi
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
    echo "$*" >&2
    exit 1
}

# Starts `up`, and sets `url` once it is ready.
start() {
    "$purser" up --data-dir "$scratch/data" --listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0 \
        >"$scratch/out" 2>"$scratch/log" &
    server=$!
    for _ in $(seq 300); do
        url=http://$(awk '$1 == "gRPC" { print $2 }' "$scratch/out")
        [ "$url" = http:// ] || return 0
        kill -0 "$server" 2>/dev/null || fail "up ended while it started"
        sleep 0.2
    done
    fail "up was not ready after a minute"
}

# Reads a JSON object on stdin and prints one of its values.
value() { node -p "const at = JSON.parse(require('fs').readFileSync(0)); $1"; }

# Ends with the difference unless the replay's result in $1 is the whole file, $2 orders of it placed by this run.
expect() {
    local found
    found=$(value '[at.orders, at.lines, at.units, at.value_minor.GBP, at.placed].join(" ")' <"$1")
    [ "$found" = "12977 309416 3370167 629376400 $2" ] || fail "the replay came to: $found"
}

call() { "$buf" curl --protocol grpc --http2-prior-knowledge --data "$2" "$url/purser.$1"; }
key() { echo "\"idempotency_key\": \"by-hand-by-hand-$1\""; }

start
sample=$(find ../shared/data/online-retail -name '*.csv.zst' 2>/dev/null | sort | head -n 1)
if [ -n "$sample" ]; then
    echo "replaying $sample, twice"
    "$purser" replay "$sample" --to "$url" --json >"$scratch/first.json"
    expect "$scratch/first.json" 12977
    value '`${at.orders_per_second.toFixed(0)} orders per second`' <"$scratch/first.json"
    "$purser" replay "$sample" --to "$url" --json >"$scratch/second.json"
    expect "$scratch/second.json" 0
else
    echo "skipped the replay: no sample file in ../shared/data/online-retail"
fi

echo "a purchase by hand"
services=$("$buf" curl --protocol grpc --http2-prior-knowledge --list-services "$url")
for service in catalog.v1.Catalog inventory.v1.Inventory order.v1.Order payment.v1.Payment; do
    grep -qx "purser.${service}Service" <<<"$services" || fail "$service is not among: $services"
done
merchant=$(call catalog.v1.CatalogService/CreateMerchant \
    "{$(key 1), \"code\": \"by-hand\", \"display_name\": \"By hand\"}" | value at.merchant.merchantId)
sku=$(call catalog.v1.CatalogService/UpsertSkus \
    "{\"merchant_id\": \"$merchant\", $(key 2), \"skus\": [{\"sku_code\": \"MUG\", \"display_name\": \"A mug\",
      \"unit_price\": {\"currency_code\": \"GBP\", \"minor_units\": 995}}]}" | value 'at.skus[0].skuId')
call inventory.v1.InventoryService/ReceiveStock \
    "{\"merchant_id\": \"$merchant\", $(key 3), \"lines\": [{\"sku_id\": \"$sku\", \"quantity\": 5}]}" >/dev/null
state=$(call order.v1.OrderService/PlaceOrder \
    "{\"merchant_id\": \"$merchant\", $(key 4), \"currency_code\": \"GBP\",
      \"lines\": [{\"sku_id\": \"$sku\", \"quantity\": 2}], \"payment\": {\"method_token\": \"pm_card_visa\"}}" |
    value at.order.state)
[ "$state" = STATE_CONFIRMED ] || fail "the order is $state"

"$purser" check --json --data-dir "$scratch/data" >"$scratch/check.json" || fail "$(cat "$scratch/check.json")"

kill "$server"
code=0
wait "$server" || code=$?
server=
[ "$code" -eq 0 ] || fail "up ended with code $code: $(tail -n 20 "$scratch/log")"
echo "the system holds"
