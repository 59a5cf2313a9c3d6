-- What an order or reservation holds is what its movements reserved and have not given back or shipped.
SELECT merchant_id, owner_kind, owner_id, sku_id, location, coalesce(h.quantity, 0) AS held,
    coalesce(m.reserved, 0) AS moved_reserved
FROM inventory.facts_holds h
FULL JOIN (
    SELECT f.merchant_id, f.owner_kind, f.owner_id, f.sku_id, f.location, sum(f.reserved_delta) AS reserved
    FROM inventory.facts_movements f
    WHERE f.owner_id IS NOT NULL
    GROUP BY f.merchant_id, f.owner_kind, f.owner_id, f.sku_id, f.location
) m USING (merchant_id, owner_kind, owner_id, sku_id, location)
WHERE coalesce(h.quantity, 0) <> coalesce(m.reserved, 0)
