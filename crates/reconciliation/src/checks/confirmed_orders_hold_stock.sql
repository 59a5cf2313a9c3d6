-- A CONFIRMED or PROCESSING order holds, without an expiry, what of its stocked lines is not shipped yet.
SELECT merchant_id, order_id, sku_id, location, coalesce(l.open, 0) AS open, coalesce(h.quantity, 0) AS held,
    h.expires_at AS hold_expires_at
FROM (
    SELECT f.merchant_id, f.order_id, f.sku_id, f.location, sum(f.quantity) - sum(coalesce(s.quantity, 0)) AS open
    FROM orders.facts_orders o
    JOIN orders.facts_lines f ON f.order_id = o.id AND f.merchant_id = o.merchant_id
    LEFT JOIN (
        SELECT g.merchant_id, g.order_id, g.line_no, sum(g.quantity) AS quantity
        FROM orders.facts_shipment_lines g
        GROUP BY g.merchant_id, g.order_id, g.line_no
    ) s ON s.order_id = f.order_id AND s.line_no = f.line_no AND s.merchant_id = f.merchant_id
    WHERE o.state IN ('CONFIRMED', 'PROCESSING') AND f.location <> ''
    GROUP BY f.merchant_id, f.order_id, f.sku_id, f.location
) l
FULL JOIN (
    SELECT f.merchant_id, f.owner_id AS order_id, f.sku_id, f.location, f.quantity, f.expires_at
    FROM inventory.facts_holds f
    JOIN orders.facts_orders o ON o.id = f.owner_id AND o.merchant_id = f.merchant_id
    WHERE f.owner_kind = 'ORDER' AND o.state IN ('CONFIRMED', 'PROCESSING')
) h USING (merchant_id, order_id, sku_id, location)
WHERE coalesce(h.quantity, 0) <> coalesce(l.open, 0) OR h.expires_at IS NOT NULL
