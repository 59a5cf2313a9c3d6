-- A PENDING order holds every unit of its stocked lines until its expiry; only an overdue one may have lost a hold.
SELECT merchant_id, order_id, sku_id, location, coalesce(l.quantity, 0) AS ordered, coalesce(h.quantity, 0) AS held,
    l.expires_at, h.expires_at AS hold_expires_at
FROM (
    SELECT f.merchant_id, f.order_id, f.sku_id, f.location, o.expires_at, sum(f.quantity) AS quantity
    FROM orders.facts_orders o
    JOIN orders.facts_lines f ON f.order_id = o.id AND f.merchant_id = o.merchant_id
    WHERE o.state = 'PENDING' AND f.location <> ''
    GROUP BY f.merchant_id, f.order_id, f.sku_id, f.location, o.expires_at
) l
FULL JOIN (
    SELECT f.merchant_id, f.owner_id AS order_id, f.sku_id, f.location, f.quantity, f.expires_at
    FROM inventory.facts_holds f
    JOIN orders.facts_orders o ON o.id = f.owner_id AND o.merchant_id = f.merchant_id
    WHERE f.owner_kind = 'ORDER' AND o.state = 'PENDING'
) h USING (merchant_id, order_id, sku_id, location)
WHERE (h.quantity IS NULL AND l.expires_at > (SELECT m.at FROM moment m))
    OR (h.quantity IS NOT NULL AND (h.quantity IS DISTINCT FROM l.quantity OR h.expires_at IS NULL))
