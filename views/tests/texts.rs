//! The languages: the same keys with the same arguments everywhere, all that the code asks for,
//! and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Keys and the arguments that each uses.
type Keys = BTreeMap<String, BTreeSet<String>>;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn keys(language: &Path) -> Keys {
    let mut keys = Keys::new();
    for file in files(language) {
        let mut current = String::new();
        for line in fs::read_to_string(&file).unwrap().lines() {
            if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                line.split('=')
                    .next()
                    .unwrap()
                    .trim()
                    .clone_into(&mut current);
                let former = keys.insert(current.clone(), BTreeSet::new());
                assert!(
                    former.is_none(),
                    "{current} is there twice, again in {}",
                    file.display()
                );
            }
            for argument in line.split('$').skip(1) {
                let end = argument.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let name = &argument[..end.unwrap_or(argument.len())];
                keys.get_mut(&current).unwrap().insert(name.to_owned());
            }
        }
    }
    keys
}

fn sources() -> String {
    files(&folder("src"))
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

#[test]
fn every_language_has_the_same_keys_with_the_same_arguments() {
    let fallback = keys(&folder("locales/en"));
    for language in fs::read_dir(folder("locales")).unwrap() {
        let language = language.unwrap().path();
        let keys = keys(&language);
        let missing: Vec<_> = fallback
            .keys()
            .filter(|key| !keys.contains_key(*key))
            .collect();
        let unknown: Vec<_> = keys
            .keys()
            .filter(|key| !fallback.contains_key(*key))
            .collect();
        assert!(
            missing.is_empty(),
            "{}: missing {missing:?}",
            language.display()
        );
        assert!(
            unknown.is_empty(),
            "{}: unknown {unknown:?}",
            language.display()
        );
        for (key, arguments) in &keys {
            assert_eq!(
                arguments,
                &fallback[key],
                "arguments of {key} in {}",
                language.display()
            );
        }
    }
}

#[test]
fn every_key_in_the_sources_exists() {
    let known = keys(&folder("locales/en"));
    let sources = sources();
    for call in [".t(", ".t_args(", ".t_count("] {
        for rest in sources.split(call).skip(1) {
            let Some(rest) = rest.trim_start().strip_prefix('"') else {
                continue;
            };
            let key = rest.split('"').next().unwrap();
            assert!(known.contains_key(key), "{key} is used and does not exist");
        }
    }
}

#[test]
fn no_key_is_unused() {
    let sources = sources();
    for key in keys(&folder("locales/en")).keys() {
        // Error codes are chosen by the server.
        let used = key.starts_with("error-") || sources.contains(&format!("\"{key}\""));
        assert!(used, "{key} is not used");
    }
}
