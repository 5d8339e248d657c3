//! Writes every page in every language and both colours as a file, to be looked at:
//! `cargo run -p views --example preview -- <folder>`. The style sheet and scripts are expected
//! in the folder `static` beside the files.

use std::path::Path;
use std::{env, fs, io};

use views::{Lang, Theme};

#[path = "../tests/samples/mod.rs"]
mod samples;

fn main() -> io::Result<()> {
    let folder = env::args()
        .nth(1)
        .ok_or_else(|| io::Error::other("name a folder"))?;
    fs::create_dir_all(&folder)?;
    let assets = samples::assets("static");
    for lang in Lang::all() {
        let texts = samples::texts(lang);
        for (theme, colours) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            for (name, page) in samples::pages(&assets, &texts, theme) {
                let file = format!("{name}.{}.{colours}.html", lang.code());
                fs::write(Path::new(&folder).join(file), page.into_string())?;
            }
        }
    }
    Ok(())
}
