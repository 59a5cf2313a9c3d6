-- What a stock row has on hand and reserved are the sums of its movements.
SELECT merchant_id, sku_id, location, s.on_hand, coalesce(m.on_hand, 0) AS moved_on_hand, s.reserved,
    coalesce(m.reserved, 0) AS moved_reserved
FROM inventory.facts_stock s
FULL JOIN (
    SELECT f.merchant_id, f.sku_id, f.location, sum(f.on_hand_delta) AS on_hand, sum(f.reserved_delta) AS reserved
    FROM inventory.facts_movements f
    GROUP BY f.merchant_id, f.sku_id, f.location
) m USING (merchant_id, sku_id, location)
WHERE s.on_hand IS DISTINCT FROM coalesce(m.on_hand, 0) OR s.reserved IS DISTINCT FROM coalesce(m.reserved, 0)
