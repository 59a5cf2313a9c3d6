//! SQL as words, without comments and string literals.

/// Upper-case words; names keep their dots (`ORDERS.LINES`), every other character that is no space is a word.
pub fn words(sql: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = String::new();
    for c in without_comments_and_strings(sql).chars() {
        if c.is_alphanumeric() || "_.$".contains(c) {
            open.extend(c.to_uppercase());
            continue;
        }
        if !open.is_empty() {
            words.push(std::mem::take(&mut open));
        }
        if !c.is_whitespace() {
            words.push(c.to_string());
        }
    }
    if !open.is_empty() {
        words.push(open);
    }
    words
}

fn without_comments_and_strings(sql: &str) -> String {
    let mut kept = String::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            _ => {
                kept.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        kept.push(' ');
        rest = &rest[skipped..];
    }
    kept
}

#[test]
fn comments_and_strings_are_no_words() {
    let sql = "SELECT a.b, 'FOR UPDATE' -- it's a comment\n/* FROM */ from X";
    assert_eq!(words(sql), ["SELECT", "A.B", ",", "FROM", "X"]);
}
