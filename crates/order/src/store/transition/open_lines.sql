-- The lines of orders that ship or end, with what was shipped of each and how many shipments the order has.
SELECT l.order_id, l.merchant_id, l.line_no, l.quantity, l.sku_id, l.sku_code, l.location,
       coalesce((SELECT sum(s.quantity) FROM orders.shipment_lines s
                 WHERE s.order_id = l.order_id AND s.merchant_id = l.merchant_id AND s.line_no = l.line_no), 0)::bigint
           AS shipped,
       c.shipments
FROM (SELECT u.id, u.merchant_id,
             (SELECT count(*) FROM orders.shipments s
              WHERE s.order_id = u.id AND s.merchant_id = u.merchant_id)::int AS shipments
      FROM unnest($1::uuid[], $2::uuid[]) AS u (merchant_id, id)) AS c
JOIN orders.lines l ON l.order_id = c.id AND l.merchant_id = c.merchant_id
WHERE l.merchant_id = ANY ($1::uuid[])
ORDER BY l.order_id, l.line_no
