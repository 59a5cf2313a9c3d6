-- What was in a shipment.
INSERT INTO orders.shipment_lines (order_id, shipment_no, line_no, merchant_id, quantity)
SELECT s.order_id, s.shipment_no, s.line_no, s.merchant_id, s.quantity
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::bigint[])
    AS s (order_id, shipment_no, line_no, merchant_id, quantity)
