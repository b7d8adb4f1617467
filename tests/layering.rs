//! Holds the table of `ARCHITECTURE.md` (which module may use which) against the `crate::` paths in the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules that every other may use.
const SHARED: [&str; 5] = ["error", "track", "seed", "disk", "quantile"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows `| module | may use |` of the architecture document.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is readable");
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| module | may use |"));
    lines.next().expect("the table of modules is there");
    lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let uses = cells[1].split(", ").filter(|name| *name != "-").map(|name| name.trim_matches('`').to_owned());
            (cells[0].trim_matches('`').to_owned(), uses.collect())
        })
        .collect()
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Whether a file holds nothing but tests or what they need.
fn is_test(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "tests" || stem == "fixture")
}

/// The top-level modules named by `crate::name` in a source text. Comments are left out, and so are the tests at the
/// end of a file, which may use whatever helps them.
fn used(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or(source);
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if name.is_empty() {
                assert!(
                    !rest.starts_with('{'),
                    "write one `use crate::module` a line, so that it can be checked: {line}"
                );
            }
            names.insert(name);
        }
    }
    names
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (module, may_use) in &allowed {
        for file in rust_files(&root().join("src").join(module)).into_iter().filter(|file| !is_test(file)) {
            let source = fs::read_to_string(&file).expect("readable source");
            for name in used(&source) {
                if name != *module
                    && !SHARED.contains(&name.as_str())
                    && !may_use.contains(&name)
                    && !may_use.contains("all")
                {
                    wrong.push(format!("{} uses {name}, which {module} may not", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_all_may_use_uses_nothing_else() {
    for module in SHARED {
        let source = fs::read_to_string(root().join("src").join(format!("{module}.rs"))).expect("readable source");
        let others: Vec<String> = used(&source).into_iter().filter(|name| !SHARED.contains(&name.as_str())).collect();
        assert!(others.is_empty(), "{module} uses {others:?}");
    }
}

#[test]
fn every_module_is_in_the_table() {
    let table: BTreeSet<String> = allowed().into_keys().collect();
    let folders: BTreeSet<String> = fs::read_dir(root().join("src"))
        .expect("readable src")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(table, folders);
}

#[test]
fn the_check_sees_paths_inside_code() {
    let source =
        "use crate::explore::summary;\n// use crate::cli::run;\nlet x = crate::learn::train();\npub(crate) fn f() {}";
    assert_eq!(used(source), ["explore", "learn"].map(str::to_owned).into());
}
