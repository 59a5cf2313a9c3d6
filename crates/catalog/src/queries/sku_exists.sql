-- Whether the merchant has this SKU.
SELECT s.id FROM catalog.skus s WHERE s.id = $1::uuid AND s.merchant_id = $2::uuid
