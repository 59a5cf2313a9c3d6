//! Rules about the sources that no compiler holds. Every rule is a pure function over text, and is shown to fail.

mod references;
mod sql_rules;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use references::{inline_statements, statement_files};
use sql_rules::{SCHEMAS, foreign_references, statement_findings};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Files with this extension below `dir`, in order.
fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|is| is == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Source directories of all crates, with the crates' names.
fn crates() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(workspace().join("crates")).unwrap().flatten();
    entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path().join("src"))).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap_or(path).display().to_string()
}

fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "{} finding(s):\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn statements_keep_the_rules() {
    let mut findings = Vec::new();
    let mut seen = 0;
    for (krate, src) in crates() {
        for file in files(&src, "sql") {
            seen += 1;
            let found = statement_findings(&krate, &read(&file));
            findings.extend(found.into_iter().map(|finding| format!("{}: {finding}", shown(&file))));
        }
    }
    assert!(seen > 0, "no statements found: this test looks in the wrong place");
    assert_none(&findings);
}

#[test]
fn every_statement_file_is_used_and_every_used_one_is_there() {
    let mut findings = Vec::new();
    for (_, src) in crates() {
        let mut unused: BTreeSet<PathBuf> = files(&src, "sql").into_iter().collect();
        for file in files(&src, "rs") {
            for named in statement_files(&read(&file)) {
                let path = file.parent().unwrap().join(&named);
                match path.canonicalize() {
                    Ok(path) => {
                        unused.remove(&path);
                    }
                    Err(_) => findings.push(format!("{}: no file {named}", shown(&file))),
                }
            }
        }
        findings.extend(unused.iter().map(|file| format!("{}: no source uses it", shown(file))));
    }
    assert_none(&findings);
}

#[test]
fn contexts_keep_their_statements_in_files() {
    let mut findings = Vec::new();
    for (krate, src) in crates() {
        if SCHEMAS.iter().any(|(_, owner)| *owner == krate) && krate != "platform" {
            for file in files(&src, "rs") {
                let found = inline_statements(&read(&file));
                findings
                    .extend(found.into_iter().map(|line| format!("{}:{line}: SQL in code", shown(&file))));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn foreign_keys_leave_a_schema_only_for_catalogs_identities() {
    let mut findings = Vec::new();
    let mut seen = 0;
    for (schema, _) in SCHEMAS {
        for file in files(&workspace().join("migrations").join(schema), "sql") {
            seen += 1;
            let found = foreign_references(schema, &read(&file));
            findings.extend(found.into_iter().map(|finding| format!("{}: {finding}", shown(&file))));
        }
    }
    assert!(seen > 0, "no migrations found: this test looks in the wrong place");
    assert_none(&findings);
}
