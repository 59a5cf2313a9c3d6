-- What an order shipped of its stocked lines is what its SHIPPED movements took from stock.
SELECT merchant_id, order_id, sku_id, location, coalesce(s.shipped, 0) AS shipped, coalesce(m.moved, 0) AS moved
FROM (
    SELECT f.merchant_id, f.order_id, l.sku_id, l.location, sum(f.quantity) AS shipped
    FROM orders.facts_shipment_lines f
    JOIN orders.facts_lines l
        ON l.order_id = f.order_id AND l.line_no = f.line_no AND l.merchant_id = f.merchant_id
    WHERE l.location <> ''
    GROUP BY f.merchant_id, f.order_id, l.sku_id, l.location
) s
FULL JOIN (
    SELECT f.merchant_id, f.owner_id AS order_id, f.sku_id, f.location, -sum(f.on_hand_delta) AS moved
    FROM inventory.facts_movements f
    WHERE f.kind = 'SHIPPED'
    GROUP BY f.merchant_id, f.owner_id, f.sku_id, f.location
) m USING (merchant_id, order_id, sku_id, location)
WHERE coalesce(s.shipped, 0) <> coalesce(m.moved, 0)
