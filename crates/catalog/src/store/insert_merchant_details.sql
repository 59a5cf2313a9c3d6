-- A new merchant's attributes.
INSERT INTO catalog.merchant_details (merchant_id, code, display_name, updated_time)
VALUES ($1::uuid, $2::text, $3::text, $4::timestamptz)
