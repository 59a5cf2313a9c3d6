use crate::support::{Plant, plant};

pub const STOCK: &[Plant] = &[
    plant(
        &["stock_reserved_equals_holds", "stock_equals_movements"],
        "UPDATE inventory.stock SET reserved = reserved + 1 WHERE sku_id = id(11)",
    ),
    // Counter and ledger agree with each other, and with nobody who holds anything.
    plant(
        &["stock_reserved_equals_holds"],
        "UPDATE inventory.stock SET reserved = reserved - 1 WHERE sku_id = id(11);
         INSERT INTO inventory.movements VALUES (id(2999), id(1), id(11), 'main', 'RELEASED', 0, -1, 0, 0, NULL, NULL, '',
             'system:test', now())",
    ),
    // A hold against a stock row that does not exist.
    plant(
        &["stock_reserved_equals_holds", "stock_equals_movements"],
        "DELETE FROM inventory.stock WHERE sku_id = id(12)",
    ),
    plant(&["stock_equals_movements"], "UPDATE inventory.stock SET on_hand = on_hand - 1 WHERE sku_id = id(12)"),
    // Movements of the right sum, under the wrong order.
    plant(
        &["holds_equal_movements"],
        "UPDATE inventory.movements SET owner_id = id(101) WHERE owner_id = id(108) AND kind = 'RESERVED'",
    ),
    plant(
        &["holds_equal_movements", "pending_orders_hold_stock"],
        "UPDATE inventory.holds SET quantity = 3 - quantity WHERE owner_id IN (id(101), id(102))",
    ),
    plant(
        &["pending_orders_hold_stock"],
        "UPDATE inventory.holds SET expires_at = NULL WHERE owner_id = id(101)",
    ),
    // Released without a word to the order.
    plant(
        &["pending_orders_hold_stock"],
        "DELETE FROM inventory.holds WHERE owner_id = id(101);
         UPDATE inventory.stock SET reserved = reserved - 2 WHERE sku_id = id(11);
         INSERT INTO inventory.movements VALUES (id(2999), id(1), id(11), 'main', 'RELEASED', 0, -2, 0, 0, id(101), 'ORDER',
             '', 'system:test', now())",
    ),
    plant(
        &["confirmed_orders_hold_stock"],
        "UPDATE inventory.holds SET expires_at = now() + interval '1 hour' WHERE owner_id = id(104)",
    ),
    plant(
        &["confirmed_orders_hold_stock"],
        "DELETE FROM inventory.holds WHERE owner_id = id(104);
         UPDATE inventory.stock SET reserved = reserved - 3 WHERE sku_id = id(11);
         INSERT INTO inventory.movements VALUES (id(2999), id(1), id(11), 'main', 'RELEASED', 0, -3, 0, 0, id(104), 'ORDER',
             '', 'system:test', now())",
    ),
    plant(
        &["ended_orders_hold_nothing"],
        "INSERT INTO inventory.holds VALUES (id(107), id(11), 'main', id(1), 'ORDER', 1, NULL, false);
         UPDATE inventory.stock SET reserved = reserved + 1 WHERE sku_id = id(11);
         INSERT INTO inventory.movements VALUES (id(2999), id(1), id(11), 'main', 'RESERVED', 0, 1, 0, 0, id(107), 'ORDER',
             '', 'system:test', now())",
    ),
    plant(
        &["reservations_hold_stock"],
        "UPDATE inventory.reservations SET state = 'RELEASED', ended_time = now() WHERE id = id(401)",
    ),
    plant(
        &["reservations_hold_stock"],
        "UPDATE inventory.reservations SET state = 'HELD', ended_time = NULL WHERE id = id(402)",
    ),
    plant(
        &["reservations_hold_stock"],
        "UPDATE inventory.holds SET expires_at = NULL WHERE owner_id = id(401)",
    ),
    plant(
        &["pinned_holds_have_money_in_flight"],
        "UPDATE inventory.holds SET pinned = true WHERE owner_id = id(101)",
    ),
];
