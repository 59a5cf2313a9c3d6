-- Inserts the lines of the orders that a batch accepted.
INSERT INTO orders.lines
    (order_id, line_no, merchant_id, sku_id, sku_code, display_name, quantity, unit_price, line_total, location)
SELECT l.order_id, l.line_no, l.merchant_id, l.sku_id, l.sku_code, l.display_name, l.quantity, l.unit_price, l.line_total,
       l.location
FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::text[])
    AS l (order_id, line_no, merchant_id, sku_id, sku_code, display_name, quantity, unit_price, line_total, location)
