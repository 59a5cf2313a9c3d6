use crate::support::{Plant, plant};

pub const HOUSE: &[Plant] = &[
    plant(
        &["nothing_is_orphaned"],
        "INSERT INTO inventory.holds VALUES (id(199), id(11), 'main', id(1), 'ORDER', 1, NULL, false);
         UPDATE inventory.stock SET reserved = reserved + 1 WHERE sku_id = id(11);
         INSERT INTO inventory.movements VALUES (id(2999), id(1), id(11), 'main', 'RESERVED', 0, 1, 0, 0, id(199), 'ORDER',
             '', 'system:test', now())",
    ),
    plant(
        &["nothing_is_orphaned"],
        "INSERT INTO inventory.holds VALUES (id(499), id(11), 'main', id(1), 'RESERVATION', 1, now(), false);
         UPDATE inventory.stock SET reserved = reserved + 1 WHERE sku_id = id(11);
         INSERT INTO inventory.movements VALUES (id(2999), id(1), id(11), 'main', 'RESERVED', 0, 1, 0, 0, id(499),
             'RESERVATION', '', 'system:test', now())",
    ),
    // The order is there, but another merchant's.
    plant(
        &["nothing_is_orphaned"],
        "INSERT INTO payments.payments SELECT id(299), id(2), order_id, state, currency, amount, limit_minor, 0, 0, 0, 0, 0, 0, 0,
             provider, seq, created_time, updated_time FROM payments.payments WHERE id = id(201)",
    ),
    plant(
        &["nothing_is_orphaned"],
        "INSERT INTO orders.lines VALUES (id(199), 1, id(1), id(11), 'code', 'name', 1, 1, 1, 'main')",
    ),
    plant(
        &["nothing_is_orphaned"],
        "INSERT INTO orders.history VALUES (id(199), 1, id(1), NULL, 'PENDING', 'system:test', '', NULL, now());
         INSERT INTO platform.events (id, merchant_id, subject_id, seq, type, payload, created_time)
         VALUES (id(1999), id(1), id(199), 1, 'OrderPlaced', '{}', now())",
    ),
    plant(
        &["nothing_is_orphaned"],
        "INSERT INTO orders.shipment_lines VALUES (id(199), 1, 1, id(1), 1)",
    ),
    plant(&["nothing_is_orphaned"], "UPDATE payments.operations SET order_id = id(199) WHERE id = id(304)"),
    plant(
        &["months_are_made_ahead"],
        "DO $$ BEGIN EXECUTE format('DROP TABLE platform.%I',
             'events_' || to_char((now() AT TIME ZONE 'UTC') + interval '3 months', 'YYYY_MM')); END $$",
    ),
];
