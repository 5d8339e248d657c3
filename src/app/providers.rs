//! The providers' templates: data files in the binary.

use std::sync::LazyLock;

use rust_embed::RustEmbed;

use crate::dialplan::Leaving;
use crate::domain::did::{Did, NumberPlan};
use crate::domain::provider::{IdentityHeader, Provider};
use crate::store::trunks::LeavingFacts;

#[derive(RustEmbed)]
#[folder = "asterisk/providers/"]
#[include = "*.toml"]
struct Files;

/// All that can be read, in the order of the list. A file that cannot be read is a bug of the build, which a test finds.
static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    let texts = Files::iter().filter_map(|name| Files::get(&name));
    let mut providers: Vec<Provider> = texts
        .filter_map(|file| Provider::read(&String::from_utf8_lossy(&file.data)).ok())
        .collect();
    providers.sort_by_key(|provider| provider.order);
    providers
});

pub fn all() -> &'static [Provider] {
    &PROVIDERS
}

pub fn find(key: &str) -> Option<&'static Provider> {
    all().iter().find(|provider| provider.key == key)
}

/// How calls leave over a trunk: the words its dialplan row carries. `own` is the number shown when a call has none.
pub fn leaving(facts: &LeavingFacts, plan: &NumberPlan) -> Leaving {
    let trunk_id = facts.id;
    let Some(provider) = find(&facts.provider) else {
        // A key that somebody wrote in SQL: nothing can be said about it.
        return Leaving {
            trunk_id,
            enabled: false,
            words: Vec::new(),
        };
    };
    let header = match provider.identity.header {
        IdentityHeader::None => "none",
        IdentityHeader::Pai => "pai",
        IdentityHeader::Ppi => "ppi",
    };
    let own = facts.own_number.as_ref().map_or("", Did::as_str);
    // "National" is what the provider's country calls so, wherever the company is.
    let home = phonenumber::metadata::DATABASE.by_id(provider.country.as_str());
    let home = home.map_or_else(
        || plan.country.clone(),
        |country| country.country_code().to_string(),
    );
    let foreign = if provider.identity.foreign_caller_id {
        "foreign"
    } else {
        "own"
    };
    let words = [
        provider.numbers.dialled.as_str(),
        provider.numbers.caller_id.as_str(),
        header,
        &plan.country,
        &plan.area,
        own,
        &home,
        foreign,
    ];
    Leaving {
        trunk_id,
        enabled: facts.enabled,
        words: words.map(str::to_owned).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_can_be_read() {
        for name in Files::iter() {
            let file = Files::get(&name).expect("listed");
            let provider = Provider::read(&String::from_utf8_lossy(&file.data));
            let provider = provider.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(format!("{}.toml", provider.key), *name);
            for field in &provider.fields {
                assert!(
                    field.label.contains_key("de") && field.label.contains_key("en"),
                    "{name}"
                );
            }
        }
        assert_eq!(all().len(), 9);
    }
}
