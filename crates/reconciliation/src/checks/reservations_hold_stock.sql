-- A reservation that is HELD and not overdue holds something, until its expiry; one that ended holds nothing.
SELECT r.merchant_id, r.id AS reservation_id, r.state, r.expires_at, coalesce(h.held, 0) AS held,
    coalesce(h.committed, 0) AS held_without_expiry
FROM inventory.facts_reservations r
LEFT JOIN (
    SELECT f.merchant_id, f.owner_id, sum(f.quantity) AS held, count(*) FILTER (WHERE f.expires_at IS NULL) AS committed
    FROM inventory.facts_holds f
    WHERE f.owner_kind = 'RESERVATION'
    GROUP BY f.merchant_id, f.owner_id
) h ON h.owner_id = r.id AND h.merchant_id = r.merchant_id
WHERE (r.state = 'HELD' AND h.held IS NULL AND r.expires_at > (SELECT m.at FROM moment m))
    OR (r.state <> 'HELD' AND h.held IS NOT NULL) OR h.committed > 0
