//! What a statement may not do.

use super::text::words;

/// Schemas, and the crate that alone speaks SQL to each.
pub const SCHEMAS: [(&str, &str); 6] = [
    ("platform", "platform"),
    ("catalog", "catalog"),
    ("inventory", "inventory"),
    ("payments", "payment"),
    ("orders", "order"),
    ("reconciliation", "reconciliation"),
];

/// All findings in one statement of `krate`.
pub fn statement_findings(krate: &str, sql: &str) -> Vec<String> {
    let words = words(sql);
    let mut found = Vec::new();
    if !sql.starts_with("-- ") {
        found.push("the first line does not say what the statement is for".to_owned());
    }
    if takes_a_full_row_lock(&words) {
        found.push("FOR UPDATE blocks the foreign key checks of children: use FOR NO KEY UPDATE".to_owned());
    }
    if selects_everything(&words) {
        found.push("a star returns other columns after a migration: list them".to_owned());
    }
    found.extend(strange_schemas(krate, &words));
    found
}

/// `FOR UPDATE` locks the key too, so that inserting a child waits. Only holds, which nothing refers to, are taken that
/// way, and only where nobody waits.
fn takes_a_full_row_lock(words: &[String]) -> bool {
    let locks = words.windows(2).enumerate().filter(|(_, pair)| pair[0] == "FOR" && pair[1] == "UPDATE");
    let on_holds = words.iter().any(|word| word == "INVENTORY.HOLDS");
    let mut locks = locks.map(|(at, _)| &words[at + 2..]);
    locks.any(|rest| {
        let rest = match rest {
            [of, _, rest @ ..] if of == "OF" => rest,
            rest => rest,
        };
        !(on_holds && matches!(rest, [skip, locked, ..] if skip == "SKIP" && locked == "LOCKED"))
    })
}

/// A star as a result column; `count(*)` and a product are none, and the columns of `unnest` never change.
fn selects_everything(words: &[String]) -> bool {
    words.iter().enumerate().filter(|(_, word)| *word == "*").any(|(at, _)| {
        let before = at.checked_sub(1).map_or("", |before| words[before].as_str());
        let of_arrays =
            matches!(&words[at + 1..], [from, unnest, ..] if from == "FROM" && unnest == "UNNEST");
        ["SELECT", "DISTINCT", "RETURNING", ","].contains(&before) && !of_arrays || before.ends_with('.')
    })
}

/// Names of schemas that belong to another crate. `bench` compares strategies on the tables themselves.
fn strange_schemas(krate: &str, words: &[String]) -> Vec<String> {
    let strange = words.iter().filter(|word| {
        let Some((schema, name)) = word.split_once('.') else { return false };
        let owner = SCHEMAS.iter().find(|(known, _)| schema == known.to_uppercase()).map(|(_, owner)| *owner);
        let published = krate == "reconciliation" && name.starts_with("FACTS_");
        owner.is_some_and(|owner| owner != krate) && !published && krate != "bench"
    });
    strange.map(|word| format!("{} belongs to another crate", word.to_lowercase())).collect()
}

/// Foreign keys of a migration of `schema` that lead to another schema, except to catalog's identity rows.
pub fn foreign_references(schema: &str, sql: &str) -> Vec<String> {
    let words = words(sql);
    let targets = words.windows(2).filter(|pair| pair[0] == "REFERENCES").map(|pair| pair[1].to_lowercase());
    let own = format!("{schema}.");
    let strange = targets.filter(|target| {
        !target.starts_with(&own) && !["catalog.merchants", "catalog.skus"].contains(&target.as_str())
    });
    strange.map(|target| format!("a foreign key to {target}")).collect()
}

fn rejected(krate: &str, sql: &str) -> bool {
    !statement_findings(krate, &format!("-- About.\n{sql}")).is_empty()
}

#[test]
fn full_row_locks_are_refused_except_on_holds_that_nobody_waits_for() {
    assert!(rejected("order", "SELECT id FROM orders.orders FOR UPDATE"));
    assert!(rejected("order", "SELECT id FROM orders.orders FOR\n  UPDATE SKIP LOCKED"));
    assert!(rejected("inventory", "SELECT sku_id FROM inventory.holds FOR UPDATE"));
    assert!(!rejected("order", "SELECT id FROM orders.orders FOR NO KEY UPDATE"));
    assert!(!rejected("inventory", "SELECT h.sku_id FROM inventory.holds h FOR UPDATE OF h SKIP LOCKED"));
}

#[test]
fn stars_are_refused_as_columns_only() {
    for bad in ["SELECT * FROM x", "SELECT a, * FROM x", "SELECT x.* FROM x", "DELETE FROM x RETURNING *"] {
        assert!(rejected("order", bad), "{bad}");
    }
    for good in ["SELECT count(*) FROM x", "SELECT a * b FROM x", "SELECT * FROM unnest($1::uuid[])"] {
        assert!(!rejected("order", good), "{good}");
    }
}

#[test]
fn schemas_of_other_crates_are_refused_except_published_views_to_reconciliation() {
    assert!(rejected("order", "SELECT id FROM payments.payments"));
    assert!(rejected("reconciliation", "SELECT id FROM payments.payments"));
    assert!(rejected("order", "SELECT id FROM payments.facts_captures"));
    assert!(!rejected("payment", "SELECT id FROM Payments.payments"));
    assert!(!rejected("reconciliation", "SELECT id FROM payments.facts_captures"));
}

#[test]
fn statement_without_a_first_comment_is_refused() {
    assert_eq!(statement_findings("order", "SELECT 1").len(), 1);
}

#[test]
fn foreign_keys_to_other_schemas_are_found() {
    let sql =
        "a uuid REFERENCES catalog.skus (id), b uuid REFERENCES orders.orders (id), c REFERENCES payments.x";
    assert_eq!(foreign_references("payments", sql), ["a foreign key to orders.orders"]);
}
