//! Where Rust sources mention statements.

/// Paths of the statement files that a source names in `sql!("..")` or `include_str!("...sql")`, relative to it.
pub fn statement_files(rust: &str) -> Vec<String> {
    let code: Vec<&str> = rust.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let named = literals_after(&code, "sql!(").into_iter().map(|name| format!("{name}.sql"));
    let included = literals_after(&code, "include_str!(").into_iter().filter(|name| name.ends_with(".sql"));
    named.chain(included).collect()
}

/// String literals that follow `call` directly.
fn literals_after(code: &str, call: &str) -> Vec<String> {
    let calls = code.split(call).skip(1);
    let literals = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
    literals.map(|(literal, _)| literal.to_owned()).collect()
}

/// Numbers of the lines with a string literal that begins like a statement, or that appends a full row lock.
pub fn inline_statements(rust: &str) -> Vec<usize> {
    const BEGINNINGS: [&str; 5] = ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM ", "\"WITH "];
    let is_statement = |line: &str| {
        BEGINNINGS.iter().any(|beginning| line.contains(beginning)) || line.contains("FOR UPDATE")
    };
    let lines = rust.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines.filter(|(_, line)| is_statement(line)).map(|(at, _)| at + 1).collect()
}

#[test]
fn named_files_are_found_in_code_and_not_in_comments() {
    let rust = "/// sql!(\"no\")\nconst A: Sql = sql!(\n    \"store/a\", \" x\");\nB = include_str!(\"b.sql\"); C = include_str!(\"c.txt\");";
    assert_eq!(statement_files(rust), ["store/a.sql", "b.sql"]);
}

#[test]
fn statements_in_code_are_found() {
    let rust = "let a = \"SELECT 1\";\n// \"SELECT 2\"\nlet b = \"SELECTED\";\nsql!(\"a\", \" FOR UPDATE\")";
    assert_eq!(inline_statements(rust), [1, 4]);
}
