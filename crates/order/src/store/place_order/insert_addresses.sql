-- Inserts the shipping addresses of the orders that a batch accepted.
INSERT INTO orders.addresses
    (order_id, merchant_id, recipient, address_lines, locality, administrative_area, postal_code, country_code, phone)
SELECT a.order_id, a.merchant_id, a.recipient, ARRAY(SELECT jsonb_array_elements_text(a.address_lines)), a.locality,
       a.administrative_area, a.postal_code, a.country_code, a.phone
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    AS a (order_id, merchant_id, recipient, address_lines, locality, administrative_area, postal_code, country_code, phone)
