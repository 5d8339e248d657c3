//! Lists the text keys of the fallback language, so that texts without arguments can be resolved
//! once, and tells Cargo that a new language folder is a reason to compile again.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=locales");
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir("locales/en")? {
        let text = fs::read_to_string(entry?.path())?;
        names.extend(text.lines().filter_map(key).map(str::to_owned));
    }
    names.sort();
    let mut code = String::from("const KEYS: &[&str] = &[\n");
    for name in names {
        let _ = writeln!(code, "    {name:?},");
    }
    code.push_str("];\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(Path::new(&out).join("keys.rs"), code)
}

/// The key that a line of a Fluent file begins, if it begins one.
fn key(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end();
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    (starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')).then_some(name)
}
