-- Makes a product.
INSERT INTO catalog.products (id, merchant_id, display_name, created_time)
VALUES ($1::uuid, $2::uuid, $3::text, $4::timestamptz)
