//! Owns the languages: which there are, and what a key reads in one of them.
//! A language is a folder in `locales`; nothing here names one but the fallback.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fluent_templates::Loader as _;
use fluent_templates::fluent_bundle::FluentValue;
use unic_langid::LanguageIdentifier;

include!(concat!(env!("OUT_DIR"), "/keys.rs"));

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Isolation marks would end up in copied numbers and in attributes.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// What stands where a text is missing; the tests look for it on every page.
pub const MISSING: &str = "⟦?⟧";

/// A value in a text: made with `.into()` from strings and whole numbers.
pub type Arg<'a> = FluentValue<'a>;

struct Language {
    id: LanguageIdentifier,
    code: String,
    /// The texts without arguments, resolved once: a list of 50 rows asks for hundreds.
    plain: HashMap<&'static str, String>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let mut languages: Vec<Language> = LOCALES.locales().map(language).collect();
    languages.sort_by(|a, b| a.code.cmp(&b.code));
    languages
});

fn language(id: &LanguageIdentifier) -> Language {
    let plain = KEYS.iter().filter_map(|key| {
        let text = LOCALES.lookup_single_language::<&str>(id, key, None).ok()?;
        Some((*key, text))
    });
    Language {
        id: id.clone(),
        code: id.to_string(),
        plain: plain.collect(),
    }
}

/// All error codes that have a sentence.
pub fn error_codes() -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter_map(|key| key.strip_prefix("error-"))
}

/// One of the languages that have a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lang(usize);

impl Lang {
    /// The language with this code, as in `de`.
    pub fn find(code: &str) -> Option<Self> {
        LANGUAGES
            .iter()
            .position(|language| language.code == code)
            .map(Self)
    }

    /// All languages, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LANGUAGES.len()).map(Self)
    }

    /// The best language for a browser's list of ranges (`de-AT,de;q=0.9,en;q=0.5`).
    pub fn preferred(ranges: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in ranges.split(',') {
            let (name, quality) = range.split_once(";q=").unwrap_or((range, "1"));
            let quality: f32 = quality.trim().parse().unwrap_or(0.0);
            let primary = name
                .trim()
                .split('-')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let found = Self::find(name.trim()).or_else(|| Self::find(&primary));
            if let Some(lang) = found
                && quality > best.map_or(0.0, |(quality, _)| quality)
            {
                best = Some((quality, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    pub fn code(self) -> &'static str {
        &LANGUAGES[self.0].code
    }

    /// The language's name in itself, as in `Deutsch`.
    pub fn own_name(self) -> &'static str {
        plain(self, "language-name")
    }
}

fn plain(lang: Lang, key: &str) -> &'static str {
    LANGUAGES[lang.0]
        .plain
        .get(key)
        .map_or(MISSING, String::as_str)
}

/// The chosen language, time zone and the moment of the answer: all that turns values into words.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    lang: Lang,
    zone: Tz,
    now: DateTime<Utc>,
}

impl Texts {
    pub fn new(lang: Lang, zone: Tz, now: DateTime<Utc>) -> Self {
        Self { lang, zone, now }
    }

    pub fn lang(&self) -> Lang {
        self.lang
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The text of a key without arguments.
    pub fn t(&self, key: &str) -> &'static str {
        plain(self.lang, key)
    }

    /// The text of a key with its arguments.
    pub fn t_args(&self, key: &str, args: &[(&'static str, Arg<'_>)]) -> String {
        self.lookup(key, args).unwrap_or_else(|| MISSING.to_owned())
    }

    /// The text of a key that counts something: `$count` chooses the form, `$n` is the number as
    /// the language writes it.
    pub fn t_count(&self, key: &str, count: u64) -> String {
        self.t_args(
            key,
            &[("count", count.into()), ("n", self.number(count).into())],
        )
    }

    /// The sentence for an error code. Codes without a sentence get a general one that names them.
    pub fn error(&self, code: &str, args: &[(&'static str, Arg<'_>)]) -> String {
        self.lookup(&format!("error-{code}"), args)
            .unwrap_or_else(|| self.t_args("error-other", &[("code", code.to_owned().into())]))
    }

    fn lookup(&self, key: &str, args: &[(&'static str, Arg<'_>)]) -> Option<String> {
        let language = &LANGUAGES[self.lang.0];
        let args: HashMap<&str, Arg<'_>> = args.iter().cloned().collect();
        LOCALES
            .lookup_single_language(&language.id, key, Some(&args))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_first_known_language_is_preferred() {
        let code = |ranges| Lang::preferred(ranges).map(Lang::code);
        assert_eq!(code("de-AT,de;q=0.9,en;q=0.5"), Some("de"));
        assert_eq!(code("tlh, en-GB;q=0.7, de;q=0.3"), Some("en"));
        assert_eq!(code("*"), None);
        assert_eq!(code(""), None);
        assert_eq!(code("en;q=0"), None);
    }

    #[test]
    fn an_unknown_error_code_reads_as_a_sentence() {
        let lang = Lang::find("en").unwrap();
        let texts = Texts::new(lang, chrono_tz::UTC, DateTime::UNIX_EPOCH);
        assert_eq!(
            texts.error("brand_new", &[]),
            "This was not accepted (brand_new)."
        );
        assert!(
            texts
                .error("too_long", &[("max", 40.into())])
                .contains("40")
        );
    }
}
