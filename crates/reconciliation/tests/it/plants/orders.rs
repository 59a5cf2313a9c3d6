use crate::support::{Plant, plant};

pub const ORDERS: &[Plant] = &[
    plant(
        &["order_sums_equal_lines"],
        "UPDATE orders.orders SET subtotal = subtotal + 1, discount = discount + 1 WHERE id = id(104)",
    ),
    plant(
        &["order_sums_equal_lines"],
        "UPDATE orders.orders SET unit_count = unit_count + 1 WHERE id = id(106)",
    ),
    plant(
        &["order_sums_equal_lines"],
        "UPDATE orders.orders SET line_count = line_count - 1 WHERE id = id(106)",
    ),
    plant(
        &["history_is_chained"],
        "UPDATE orders.history SET from_state = 'CONFIRMED' WHERE order_id = id(108) AND seq = 2",
    ),
    plant(
        &["history_is_chained"],
        "DELETE FROM orders.history WHERE order_id = id(107) AND seq = 2;
         DELETE FROM platform.events WHERE subject_id = id(107) AND seq = 2",
    ),
    plant(
        &["history_is_chained", "history_ends_at_order_state"],
        "DELETE FROM orders.history WHERE order_id = id(107) AND seq = 5;
         DELETE FROM platform.events WHERE subject_id = id(107) AND seq IN (4, 5);
         DELETE FROM orders.history WHERE order_id = id(107) AND seq = 4;
         DELETE FROM orders.history WHERE order_id = id(107) AND seq = 1;
         DELETE FROM platform.events WHERE subject_id = id(107) AND seq = 1",
    ),
    plant(&["history_ends_at_order_state"], "UPDATE orders.orders SET seq = seq + 1 WHERE id = id(108)"),
    plant(&["history_ends_at_order_state"], "UPDATE orders.orders SET state = 'SHIPPED' WHERE id = id(107)"),
    plant(&["history_equals_events"], "DELETE FROM platform.events WHERE subject_id = id(104) AND seq = 1"),
    plant(
        &["history_equals_events"],
        "INSERT INTO platform.events (id, merchant_id, subject_id, seq, type, payload, created_time)
         VALUES (id(1999), id(1), id(104), 3, 'OrderShipped', '{}', now())",
    ),
    plant(
        &["history_equals_events"],
        "INSERT INTO platform.events (id, merchant_id, subject_id, seq, type, payload, created_time)
         VALUES (id(1999), id(1), id(104), 2, 'OrderConfirmed', '{}', now())",
    ),
    plant(&["fulfilment_queue_is_exact"], "DELETE FROM orders.fulfilment_queue WHERE order_id = id(104)"),
    plant(&["fulfilment_queue_is_exact"], "INSERT INTO orders.fulfilment_queue VALUES (id(1), id(106))"),
    plant(&["expiry_queue_is_exact"], "DELETE FROM orders.expiry_queue WHERE order_id = id(101)"),
    plant(&["expiry_queue_is_exact"], "INSERT INTO orders.expiry_queue VALUES (id(108), id(1), now())"),
    plant(
        &["expiry_queue_is_exact"],
        "UPDATE orders.expiry_queue SET expires_at = now() + interval '9 min' WHERE order_id = id(101)",
    ),
    // A shipment before any processing, of a line that tracks no stock.
    plant(
        &["shipments_fit_order_state"],
        "INSERT INTO orders.shipments VALUES (id(110), 1, id(1), 'tracking', 'carrier', now());
         INSERT INTO orders.shipment_lines VALUES (id(110), 1, 1, id(1), 1)",
    ),
    plant(
        &["shipments_fit_order_state"],
        "DELETE FROM orders.shipment_lines WHERE order_id = id(106) AND line_no = 2",
    ),
    // Two of one line and none of the other: right in sum, wrong by line.
    plant(
        &["shipments_fit_order_state"],
        "UPDATE orders.lines SET location = '' WHERE order_id = id(105);
         UPDATE orders.shipment_lines SET quantity = 3 WHERE order_id = id(105);
         DELETE FROM inventory.movements WHERE owner_id = id(105);
         DELETE FROM inventory.holds WHERE owner_id = id(105);
         UPDATE inventory.stock SET on_hand = on_hand + 2 WHERE sku_id = id(11);
         UPDATE inventory.stock SET reserved = reserved - 3 WHERE sku_id = id(12)",
    ),
    plant(
        &["shipments_equal_movements"],
        "UPDATE inventory.movements SET owner_id = id(108) WHERE owner_id = id(107)",
    ),
    plant(
        &["no_order_is_stuck"],
        "UPDATE orders.orders SET expires_at = now() - interval '21 min' WHERE id = id(103);
         UPDATE orders.expiry_queue SET expires_at = now() - interval '21 min' WHERE order_id = id(103)",
    ),
    // Money in flight spares an order from expiry for as long as it takes.
    plant(
        &[],
        "UPDATE orders.orders SET expires_at = now() - interval '1 day' WHERE id = id(102);
         UPDATE orders.expiry_queue SET expires_at = now() - interval '1 day' WHERE order_id = id(102)",
    ),
];
