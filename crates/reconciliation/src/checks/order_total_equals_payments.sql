-- An order with something to pay has payments of its total in its currency, and any other has none.
SELECT o.merchant_id, o.id AS order_id, o.currency, o.total, coalesce(p.amount, 0) AS payments_amount,
    p.currency AS payments_currency
FROM orders.facts_orders o
LEFT JOIN (
    SELECT f.merchant_id, f.order_id, f.currency, sum(f.amount) AS amount
    FROM payments.facts_payments f
    GROUP BY f.merchant_id, f.order_id, f.currency
) p ON p.order_id = o.id AND p.merchant_id = o.merchant_id
WHERE o.total <> coalesce(p.amount, 0) OR p.currency <> o.currency
