-- A hold is pinned only while money of its order is in flight.
SELECT h.merchant_id, h.owner_kind, h.owner_id AS order_id, h.sku_id, h.location, h.quantity
FROM inventory.facts_holds h
WHERE h.pinned AND NOT EXISTS (
    SELECT FROM payments.facts_in_flight f WHERE f.order_id = h.owner_id AND f.merchant_id = h.merchant_id
)
