use crate::support::{Plant, plant};

pub const MONEY: &[Plant] = &[
    plant(&["order_money_equals_payments"], "UPDATE orders.orders SET captured = 90 WHERE id = id(109)"),
    plant(
        &["order_money_equals_payments"],
        "UPDATE orders.orders SET refunded = 10 WHERE id = id(109)",
    ),
    plant(&["order_total_equals_payments"], "UPDATE payments.payments SET amount = 251 WHERE id = id(201)"),
    plant(&["order_total_equals_payments"], "UPDATE payments.payments SET currency = 'EUR' WHERE id = id(201)"),
    plant(&["order_total_equals_payments"], "DELETE FROM payments.payments WHERE id = id(201)"),
    plant(
        &["paid_orders_are_covered"],
        "UPDATE orders.orders SET captured = 299 WHERE id = id(104);
         UPDATE payments.payments SET captured = 299 WHERE id = id(204);
         UPDATE payments.operations SET amount = 299 WHERE id = id(304)",
    ),
    plant(&["paid_orders_are_covered"], "UPDATE payments.payments SET excess_minor = 19, limit_minor = 101 WHERE id = id(210)"),
    plant(
        &["pending_orders_are_unpaid"],
        "UPDATE orders.orders SET captured = 40 WHERE id = id(103);
         UPDATE payments.payments SET captured = 40, state = 'CAPTURED' WHERE id = id(203);
         UPDATE payments.operations SET state = 'SUCCEEDED' WHERE id = id(303)",
    ),
    plant(
        &["payment_amounts_equal_operations"],
        "UPDATE payments.payments SET capture_pending = 0 WHERE id = id(202)",
    ),
    plant(
        &["payment_amounts_equal_operations"],
        "UPDATE payments.operations SET state = 'SUCCEEDED' WHERE id = id(303)",
    ),
    plant(
        &["payment_amounts_equal_operations"],
        "UPDATE payments.operations SET amount = 101 WHERE id = id(308)",
    ),
    // Money that no operation explains, not even one under review.
    plant(&["payment_amounts_equal_operations"], "DELETE FROM payments.operations WHERE id = id(310)"),
    plant(
        &["payment_state_fits_its_amounts"],
        "UPDATE payments.payments SET state = 'DECLINED' WHERE id = id(204)",
    ),
    plant(
        &["payment_state_fits_its_amounts"],
        "UPDATE payments.payments SET state = 'CAPTURED' WHERE id = id(201)",
    ),
    plant(
        &["payment_state_fits_its_amounts"],
        "UPDATE payments.payments SET state = 'PENDING' WHERE id = id(208)",
    ),
    plant(
        &["in_flight_equals_open_operations"],
        "DELETE FROM payments.in_flight WHERE operation_id = id(308)",
    ),
    plant(
        &["in_flight_equals_open_operations"],
        "UPDATE payments.in_flight SET payment_id = id(201) WHERE operation_id = id(302)",
    ),
    plant(
        &["in_flight_equals_open_operations"],
        "INSERT INTO payments.in_flight (operation_id, merchant_id, payment_id, order_id, lease_token, lease_until,
             next_check_at, created_time)
         VALUES (id(304), id(1), id(204), id(104), id(9), now(), now(), now())",
    ),
    plant(
        &["open_keys_have_an_operation"],
        "UPDATE platform.idempotency SET outcome = 'OPEN' WHERE method = 'PlaceOrder'",
    ),
];
