-- A small shop in which everything adds up: an order in every state, money in flight, late money, money under review, and
-- reservations. Ids are small numbers behind this month's prefix: id(101) is the first order.
DO $$
BEGIN
    EXECUTE format('CREATE FUNCTION public.id(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
        %L', format('SELECT (%L || lpad(n::text, 20, ''0''))::uuid',
                    left(replace(platform.first_id(now())::text, '-', ''), 12)));
END
$$;

INSERT INTO catalog.merchants VALUES (id(1), 'shop', now());
INSERT INTO catalog.skus SELECT id(n), id(1), 'sku-' || n, now() FROM generate_series(11, 13) n;

-- PENDING 101; PENDING with money in flight 102; PENDING, overdue and reclaimed 103; CONFIRMED 104; PROCESSING 105;
-- SHIPPED 106; DELIVERED with nothing to pay 107; CANCELLED 108; CANCELLED with late money 109; CONFIRMED with money
-- under review 110.
CREATE TABLE public.shop (n int, state text, total bigint, captured bigint, path text[], expires interval);
INSERT INTO public.shop VALUES
    (101, 'PENDING', 250, 0, '{PENDING}', '10 min'),
    (102, 'PENDING', 100, 0, '{PENDING}', '5 min'),
    (103, 'PENDING', 40, 0, '{PENDING}', '-1 min'),
    (104, 'CONFIRMED', 300, 300, '{PENDING,CONFIRMED}', NULL),
    (105, 'PROCESSING', 250, 250, '{PENDING,CONFIRMED,PROCESSING}', NULL),
    (106, 'SHIPPED', 60, 60, '{PENDING,CONFIRMED,SHIPPED}', NULL),
    (107, 'DELIVERED', 0, 0, '{PENDING,CONFIRMED,PROCESSING,SHIPPED,DELIVERED}', NULL),
    (108, 'CANCELLED', 100, 0, '{PENDING,CANCELLED}', NULL),
    (109, 'CANCELLED', 100, 100, '{PENDING,CANCELLED}', NULL),
    (110, 'CONFIRMED', 100, 120, '{PENDING,CONFIRMED}', NULL);

CREATE TABLE public.shop_lines (n int, line_no int, sku int, quantity bigint, unit_price bigint, location text);
INSERT INTO public.shop_lines VALUES
    (101, 1, 11, 2, 100, 'main'), (101, 2, 13, 1, 50, ''),
    (102, 1, 11, 1, 100, 'main'),
    (103, 1, 12, 4, 10, 'main'),
    (104, 1, 11, 3, 100, 'main'),
    -- The same SKU at two prices is two lines, and one hold.
    (105, 1, 11, 2, 100, 'main'), (105, 2, 12, 2, 10, 'main'), (105, 3, 12, 1, 30, 'main'),
    (106, 1, 12, 1, 10, 'main'), (106, 2, 13, 1, 50, ''),
    (107, 1, 11, 1, 0, 'main'),
    (108, 1, 11, 1, 100, 'main'),
    (109, 1, 12, 10, 10, 'main'),
    (110, 1, 13, 2, 50, '');

INSERT INTO orders.orders (id, merchant_id, customer_id, client_reference, state, currency, subtotal, discount, tax,
    shipping, total, captured, line_count, unit_count, seq, ordered_time, created_time, updated_time, expires_at)
SELECT id(s.n), id(1), '', '', s.state, 'GBP', s.total, 0, 0, 0, s.total, s.captured, l.lines, l.units,
    cardinality(s.path), now(), now(), now(), now() + s.expires
FROM public.shop s
JOIN (SELECT n, count(*) AS lines, sum(quantity) AS units FROM public.shop_lines GROUP BY n) l USING (n);

INSERT INTO orders.lines
SELECT id(n), line_no, id(1), id(sku), 'code', 'name', quantity, unit_price, quantity * unit_price, location
FROM public.shop_lines;

INSERT INTO orders.history
SELECT id(s.n), p.seq, id(1), s.path[p.seq - 1], p.state, 'system:test', 'why', NULL, now()
FROM public.shop s, unnest(s.path) WITH ORDINALITY AS p (state, seq);

INSERT INTO platform.events (id, merchant_id, subject_id, seq, type, payload, created_time)
SELECT id((1000 + row_number() OVER ())::int), merchant_id, order_id, seq, 'Order' || to_state, '{}', now()
FROM orders.history;

INSERT INTO orders.fulfilment_queue SELECT id(1), id(n) FROM public.shop WHERE state IN ('CONFIRMED', 'PROCESSING');
INSERT INTO orders.expiry_queue SELECT id(n), id(1), now() + expires FROM public.shop WHERE state = 'PENDING';

INSERT INTO orders.shipments SELECT id(n), 1, id(1), 'tracking-' || n, 'carrier', now() FROM unnest('{105,106,107}'::int[]) n;
INSERT INTO orders.shipment_lines VALUES
    (id(105), 1, 1, id(1), 2), (id(106), 1, 1, id(1), 1), (id(106), 1, 2, id(1), 1), (id(107), 1, 1, id(1), 1);

INSERT INTO inventory.reservations VALUES
    (id(401), id(1), 'HELD', '[]', now(), now() + interval '5 min', NULL),
    (id(402), id(1), 'RELEASED', '[]', now(), now() + interval '5 min', now()),
    (id(403), id(1), 'HELD', '[]', now(), now() - interval '1 min', NULL);

INSERT INTO inventory.stock (sku_id, location, merchant_id, on_hand, reserved, updated_time) VALUES
    (id(11), 'main', id(1), 97, 6, now()), (id(12), 'main', id(1), 99, 6, now());

INSERT INTO inventory.holds VALUES
    (id(101), id(11), 'main', id(1), 'ORDER', 2, now() + interval '10 min', false),
    (id(102), id(11), 'main', id(1), 'ORDER', 1, now() + interval '5 min', true),
    (id(104), id(11), 'main', id(1), 'ORDER', 3, NULL, false),
    (id(105), id(12), 'main', id(1), 'ORDER', 3, NULL, false),
    (id(401), id(12), 'main', id(1), 'RESERVATION', 3, now() + interval '5 min', false);

INSERT INTO inventory.movements
SELECT id((2000 + row_number() OVER ())::int), id(1), id(m.sku), 'main', m.kind, m.on_hand, m.reserved, 0, 0, id(m.owner),
    CASE WHEN m.owner > 400 THEN 'RESERVATION' WHEN m.owner > 100 THEN 'ORDER' END, '', 'system:test', now()
FROM (VALUES
    (11, 'RECEIVED', 100, 0, NULL), (12, 'RECEIVED', 100, 0, NULL),
    (11, 'RESERVED', 0, 2, 101), (11, 'RESERVED', 0, 1, 102), (12, 'RESERVED', 0, 4, 103), (12, 'EXPIRED', 0, -4, 103),
    (11, 'RESERVED', 0, 3, 104), (11, 'RESERVED', 0, 2, 105), (12, 'RESERVED', 0, 3, 105), (11, 'SHIPPED', -2, -2, 105),
    (12, 'RESERVED', 0, 1, 106), (12, 'SHIPPED', -1, -1, 106), (11, 'RESERVED', 0, 1, 107), (11, 'SHIPPED', -1, -1, 107),
    (11, 'RESERVED', 0, 1, 108), (11, 'RELEASED', 0, -1, 108), (12, 'RESERVED', 0, 10, 109), (12, 'EXPIRED', 0, -10, 109),
    (12, 'RESERVED', 0, 3, 401), (12, 'RESERVED', 0, 1, 402), (12, 'RELEASED', 0, -1, 402), (12, 'RESERVED', 0, 1, 403),
    (12, 'EXPIRED', 0, -1, 403)
) AS m (sku, kind, on_hand, reserved, owner);

INSERT INTO payments.payments (id, merchant_id, order_id, state, currency, amount, limit_minor, capture_pending, captured,
    refund_pending, excess_minor, provider, seq, created_time, updated_time)
SELECT id(p.n + 100), id(1), id(p.n), p.state, 'GBP', p.amount, p.amount, p.pending, p.captured, p.refunding, p.excess,
    'test', 1, now(), now()
FROM (VALUES
    (101, 'PENDING', 250, 0, 0, 0, 0), (102, 'PENDING', 100, 100, 0, 0, 0), (103, 'DECLINED', 40, 0, 0, 0, 0),
    (104, 'CAPTURED', 300, 0, 300, 0, 0), (105, 'CAPTURED', 250, 0, 250, 0, 0), (106, 'CAPTURED', 60, 0, 60, 0, 0),
    (108, 'VOIDED', 100, 0, 0, 0, 0), (109, 'CAPTURED', 100, 0, 100, 100, 0), (110, 'CAPTURED', 100, 0, 120, 0, 20)
) AS p (n, state, amount, pending, captured, refunding, excess);

INSERT INTO payments.operations (id, merchant_id, payment_id, order_id, kind, state, amount, currency, provider_key,
    method_token, key_scope, key, actor, created_time, ended_time)
SELECT id(o.n), id(1), id(o.number + 100), id(o.number), o.kind, o.state, o.amount, 'GBP', 'key', 'token', 'merchant', 'key',
    'system:test', now(), CASE WHEN o.state IN ('SUCCEEDED', 'FAILED') THEN now() END
FROM (VALUES
    (302, 102, 'CAPTURE', 'SUBMITTED', 100), (303, 103, 'CAPTURE', 'FAILED', 40), (304, 104, 'CAPTURE', 'SUCCEEDED', 300),
    (305, 105, 'CAPTURE', 'SUCCEEDED', 250), (306, 106, 'CAPTURE', 'SUCCEEDED', 60), (308, 109, 'REFUND', 'SUBMITTED', 100),
    (309, 109, 'CAPTURE', 'SUCCEEDED', 100), (310, 110, 'CAPTURE', 'REVIEW', 100)
) AS o (n, number, kind, state, amount);

INSERT INTO payments.in_flight (operation_id, merchant_id, payment_id, order_id, lease_token, lease_until, next_check_at,
    created_time)
SELECT o.id, o.merchant_id, o.payment_id, o.order_id, id(9), now(), now(), now()
FROM payments.operations o WHERE o.state = 'SUBMITTED';

INSERT INTO platform.idempotency VALUES
    (id(1), 'merchant', '\x00112233445566778899aabbccddeeff', decode(repeat('00', 32), 'hex'), 1, 'CapturePayment',
     id(302), 'OPEN', NULL, now()),
    (id(1), 'merchant', '\x01112233445566778899aabbccddeeff', decode(repeat('00', 32), 'hex'), 1, 'PlaceOrder',
     id(101), 'DONE', NULL, now());
