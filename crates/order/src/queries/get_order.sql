-- One order with its lines, address and shipments; every table is partitioned by the order's id, so one month is touched.
SELECT o.id, o.merchant_id, o.customer_id, o.client_reference, o.state, o.currency, o.subtotal, o.discount, o.tax, o.shipping,
       o.total, o.captured, o.refunded, o.ordered_time, o.created_time, o.updated_time, o.expires_at,
       a.recipient, a.address_lines, a.locality, a.administrative_area, a.postal_code, a.country_code, a.phone,
       (SELECT jsonb_agg(jsonb_build_object(
                   'line_no', l.line_no, 'sku_id', l.sku_id, 'sku_code', l.sku_code, 'display_name', l.display_name,
                   'quantity', l.quantity, 'unit_price', l.unit_price, 'line_total', l.line_total, 'location', l.location)
               ORDER BY l.line_no)
        FROM orders.lines l WHERE l.order_id = $1::uuid AND l.merchant_id = $2::uuid) AS lines,
       (SELECT jsonb_agg(jsonb_build_object(
                   'shipment_no', s.shipment_no, 'tracking_number', s.tracking_number, 'carrier', s.carrier,
                   'created_us', (extract(epoch FROM s.created_time) * 1000000)::bigint,
                   'lines', (SELECT coalesce(jsonb_agg(jsonb_build_array(sl.line_no, sl.quantity) ORDER BY sl.line_no), '[]')
                             FROM orders.shipment_lines sl
                             WHERE sl.order_id = $1::uuid AND sl.merchant_id = $2::uuid
                                 AND sl.shipment_no = s.shipment_no))
               ORDER BY s.shipment_no)
        FROM orders.shipments s WHERE s.order_id = $1::uuid AND s.merchant_id = $2::uuid) AS shipments
FROM orders.orders o
LEFT JOIN orders.addresses a ON a.order_id = $1::uuid AND a.merchant_id = $2::uuid
WHERE o.id = $1::uuid AND o.merchant_id = $2::uuid
