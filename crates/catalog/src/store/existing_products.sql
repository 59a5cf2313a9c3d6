-- Which of these products the merchant has.
SELECT p.id FROM catalog.products p WHERE p.merchant_id = $1::uuid AND p.id = ANY ($2::uuid[])
