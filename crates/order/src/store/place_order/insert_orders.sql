-- Inserts the orders that a batch accepted.
INSERT INTO orders.orders
    (id, merchant_id, customer_id, client_reference, state, currency, subtotal, discount, tax, shipping, total, line_count,
     unit_count, seq, ordered_time, expires_at, created_time, updated_time)
SELECT o.id, o.merchant_id, o.customer_id, o.client_reference, o.state, o.currency, o.subtotal, o.discount, o.tax,
       o.shipping, o.total, o.line_count, o.unit_count, o.seq, o.ordered_time, o.expires_at, $17::timestamptz,
       $17::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::timestamptz[], $16::timestamptz[])
    AS o (id, merchant_id, customer_id, client_reference, state, currency, subtotal, discount, tax, shipping, total,
          line_count, unit_count, seq, ordered_time, expires_at)
