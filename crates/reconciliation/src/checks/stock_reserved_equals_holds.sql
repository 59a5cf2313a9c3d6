-- What a stock row counts as reserved is the sum of its open holds.
SELECT merchant_id, sku_id, location, s.reserved, coalesce(h.held, 0) AS held
FROM inventory.facts_stock s
FULL JOIN (
    SELECT f.merchant_id, f.sku_id, f.location, sum(f.quantity) AS held
    FROM inventory.facts_holds f
    GROUP BY f.merchant_id, f.sku_id, f.location
) h USING (merchant_id, sku_id, location)
WHERE s.reserved IS DISTINCT FROM coalesce(h.held, 0)
