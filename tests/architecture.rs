//! The rules about which part of the program may know which.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module with those it may name. Whatever is not here is the wiring, which may know all.
const MAY_NAME: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("dialplan", &["domain"]),
    ("realtime", &["domain"]),
    ("store", &["domain", "dialplan", "realtime"]),
    ("ami", &[]),
    ("live", &["ami"]),
    (
        "app",
        &["domain", "dialplan", "realtime", "store", "ami", "live"],
    ),
    ("web", &["domain", "app", "live", "config"]),
];

const WIRING: [&str; 6] = ["boot", "config", "doctor", "lib", "main", "takeover"];

struct Source {
    path: PathBuf,
    /// The top module it belongs to.
    module: String,
    text: String,
}

impl Source {
    /// Lines of code that hold these words; comments may name anything.
    fn lines_with(&self, words: &str) -> Vec<String> {
        self.text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//") && line.contains(words))
            .map(|(at, line)| format!("{}:{}: {}", self.path.display(), at + 1, line.trim()))
            .collect()
    }

    /// The top modules it names.
    fn names(&self) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for line in self.lines_with("crate::") {
            for rest in line.split("crate::").skip(1) {
                for name in first_names(rest) {
                    names.push((name, line.clone()));
                }
            }
        }
        names
    }
}

/// What stands after `crate::`: a name, or several in braces.
fn first_names(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        let text = text.trim_start();
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    match rest.strip_prefix('{') {
        Some(list) => list
            .split(',')
            .map(word)
            .filter(|name| !name.is_empty())
            .collect(),
        None => vec![word(rest)],
    }
}

fn sources(folder_name: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder_name);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of ours") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let inside = path.strip_prefix(&root).expect("inside");
                let first = inside.components().next().expect("a name").as_os_str();
                found.push(Source {
                    module: first.to_string_lossy().trim_end_matches(".rs").to_owned(),
                    text: fs::read_to_string(&path).expect("text"),
                    path: Path::new(folder_name).join(inside),
                });
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {}", root.display());
    found
}

#[test]
fn knowledge_goes_one_way_only() {
    let mut breaches = Vec::new();
    for source in sources("src") {
        let rule = MAY_NAME.iter().find(|(module, _)| *module == source.module);
        let Some((module, may)) = rule else {
            assert!(
                WIRING.contains(&&*source.module),
                "{} is a new module: say here what it may name",
                source.module
            );
            continue;
        };
        for (name, line) in source.names() {
            if name != *module && !may.contains(&&*name) {
                breaches.push(format!("{module} may not name {name}: {line}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn each_tool_has_its_place() {
    let places: [(&str, &[&str]); 6] = [
        ("sqlx::", &["store", "app", "boot", "doctor", "main"]),
        ("AssertSqlSafe", &["store"]),
        ("axum::", &["web", "boot"]),
        ("StatusCode", &["web", "boot"]),
        // Pages are made in the crate views, and only there.
        ("maud::", &[]),
        ("PreEscaped", &[]),
    ];
    let mut breaches = Vec::new();
    for source in sources("src") {
        for (words, modules) in places {
            if !modules.contains(&&*source.module) {
                breaches.extend(source.lines_with(words));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn a_route_is_declared_with_who_may_use_it_or_not_at_all() {
    let mut breaches = Vec::new();
    for source in sources("src") {
        if !source.path.ends_with("web/access.rs") {
            for words in [
                "axum::routing",
                "MethodRouter",
                "any_service",
                "route_service",
            ] {
                breaches.extend(source.lines_with(words));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn views_hold_no_raw_html_outside_the_icons_and_nothing_of_ours() {
    let mut breaches = Vec::new();
    for source in sources("views/src") {
        if !source.path.ends_with("ui/icon.rs") {
            breaches.extend(source.lines_with("PreEscaped"));
        }
        for words in ["gonopbx::", "sqlx", "axum", "tokio"] {
            breaches.extend(source.lines_with(words));
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn every_module_says_what_it_is_about() {
    let silent: Vec<PathBuf> = ["src", "views/src", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "no //! at the start of {silent:#?}");
}
