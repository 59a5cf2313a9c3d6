-- An order that is SHIPPED or further, or CANCELLED, holds no stock.
SELECT h.merchant_id, h.owner_id AS order_id, o.state, h.sku_id, h.location, h.quantity AS held
FROM inventory.facts_holds h
JOIN orders.facts_orders o ON o.id = h.owner_id AND o.merchant_id = h.merchant_id
WHERE h.owner_kind = 'ORDER' AND o.state NOT IN ('PENDING', 'CONFIRMED', 'PROCESSING')
