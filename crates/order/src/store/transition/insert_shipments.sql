-- Goods that left together.
INSERT INTO orders.shipments (order_id, shipment_no, merchant_id, tracking_number, carrier, created_time)
SELECT s.order_id, s.shipment_no, s.merchant_id, s.tracking_number, s.carrier, $6::timestamptz
FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[])
    AS s (order_id, shipment_no, merchant_id, tracking_number, carrier)
