//! The invariants: each a file that says in its first line what holds, and returns the rows for which it does not.
//!
//! A check reads `facts_*` views only, works on the whole database as sets, and names its columns for people. It is framed
//! by `check/frame.sql`, which gives it `moment`.

use platform::sql;
use platform::sql::Sql;

/// Every check, in the order in which they run: stock, orders, money, the house.
pub const ALL: &[Sql] = &[
    sql!("checks/stock_reserved_equals_holds"),
    sql!("checks/stock_equals_movements"),
    sql!("checks/holds_equal_movements"),
    sql!("checks/pending_orders_hold_stock"),
    sql!("checks/confirmed_orders_hold_stock"),
    sql!("checks/ended_orders_hold_nothing"),
    sql!("checks/reservations_hold_stock"),
    sql!("checks/pinned_holds_have_money_in_flight"),
    sql!("checks/order_sums_equal_lines"),
    sql!("checks/history_is_chained"),
    sql!("checks/history_ends_at_order_state"),
    sql!("checks/history_equals_events"),
    sql!("checks/fulfilment_queue_is_exact"),
    sql!("checks/expiry_queue_is_exact"),
    sql!("checks/shipments_fit_order_state"),
    sql!("checks/shipments_equal_movements"),
    sql!("checks/order_money_equals_payments"),
    sql!("checks/order_total_equals_payments"),
    sql!("checks/paid_orders_are_covered"),
    sql!("checks/pending_orders_are_unpaid"),
    sql!("checks/payment_amounts_equal_operations"),
    sql!("checks/payment_state_fits_its_amounts"),
    sql!("checks/in_flight_equals_open_operations"),
    sql!("checks/open_keys_have_an_operation"),
    sql!("checks/nothing_is_orphaned"),
    sql!("checks/no_order_is_stuck"),
    sql!("checks/months_are_made_ahead"),
];
