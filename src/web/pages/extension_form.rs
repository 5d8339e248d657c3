//! The forms about extensions: from what was typed to a draft, and back to a filled form with its errors.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use views::extensions::form::{Choices, Codec, New, Values, chosen_codecs};
use views::extensions::strength::Strength;
use views::page::Done;
use views::ui::form::FieldErrors;

use super::describe::{field_errors, flash};
use super::extension_credentials::credentials;
use super::viewer::Viewer;
use crate::app::{Error, Result};
use crate::domain::codecs::AVAILABLE;
use crate::domain::extension::{Context, RING_TIME};
use crate::domain::secret::{self, SHORTEST, STRONG_SCORE};
use crate::domain::{Act, Extension, ExtensionDraft, Fields, policy};
use crate::web::Site;
use crate::web::failure::Failure;

pub type Pairs = Vec<(String, String)>;

/// The form's names are those of the REST contract, but for the codecs, which are chosen one by one.
pub fn value<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// `alaw,g722`; empty for the system's order, and a comma alone for an order with nothing in it.
pub fn typed_codecs(pairs: &Pairs) -> String {
    let places = pairs
        .iter()
        .filter(|(name, _)| name == "codec")
        .map(|(_, place)| place.as_str());
    chosen_codecs(value(pairs, "codec_order").unwrap_or_default(), places)
}

/// A form names each of its fields; a check box that is off, and an empty one, are meant.
pub fn draft(pairs: &Pairs) -> Result<ExtensionDraft> {
    let others = pairs
        .iter()
        .filter(|(name, _)| name != "codec" && name != "codec_order");
    let mut contract: Pairs = others.cloned().collect();
    if value(pairs, "codec_order").is_some() {
        contract.push(("codecs".to_owned(), typed_codecs(pairs)));
    }
    let mut fields = Fields::from_form(contract, &["enabled", "blf_enabled", "allow_weak"]);
    let draft = ExtensionDraft::read(&mut fields);
    fields.finish().or(draft).map_err(Error::from)
}

pub async fn choices(site: &Site) -> Result<Choices> {
    let settings = site.app.settings().await?;
    let name = |id: &&str| {
        AVAILABLE
            .iter()
            .find(|(known, _)| known == id)
            .map_or("", |(_, name)| name)
    };
    Ok(Choices {
        contexts: Context::ALL
            .map(|context| context.as_str().to_owned())
            .into(),
        system_codecs: settings
            .global_codecs
            .ids()
            .iter()
            .map(|id| name(id).to_owned())
            .collect(),
        ring_time: (
            u32::try_from(*RING_TIME.start()).unwrap_or_default(),
            u32::try_from(*RING_TIME.end()).unwrap_or_default(),
        ),
    })
}

pub fn codecs(ranked: &[&str]) -> Vec<Codec> {
    let all = AVAILABLE.iter().map(|(id, label)| Codec {
        name: (*id).to_owned(),
        label: (*label).to_owned(),
        rank: ranked
            .iter()
            .position(|ranked| ranked == id)
            .map(|at| at + 1),
    });
    all.collect()
}

/// A form as it is first shown.
pub fn values_of(extension: Option<&Extension>) -> Values {
    let Some(e) = extension else {
        return Values {
            is_enabled: true,
            context: Context::Internal.as_str().to_owned(),
            codecs: codecs(&[]),
            ring_time: "20".to_owned(),
            max_phones: "5".to_owned(),
            has_lamp: true,
            ..Values::default()
        };
    };
    Values {
        name: e.name.as_str().to_owned(),
        is_enabled: e.enabled,
        context: e.context.as_str().to_owned(),
        has_own_codecs: e.own_codecs,
        codecs: codecs(if e.own_codecs { e.codecs.ids() } else { &[] }),
        ring_time: e.ring_time.to_string(),
        max_phones: e.max_phones.to_string(),
        has_lamp: e.blf,
        pickup_group: e.pickup_group.clone().unwrap_or_default(),
    }
}

/// A form as it comes back: what was typed, not what was understood.
pub fn values_typed(pairs: &Pairs) -> Values {
    let text = |name: &str| value(pairs, name).unwrap_or_default().to_owned();
    let own = typed_codecs(pairs);
    let ranked: Vec<&str> = own.split(',').collect();
    Values {
        name: text("caller_id"),
        is_enabled: value(pairs, "enabled").is_some(),
        context: text("context"),
        has_own_codecs: !own.is_empty(),
        codecs: codecs(&ranked),
        ring_time: text("ring_time"),
        max_phones: text("max_contacts"),
        has_lamp: value(pairs, "blf_enabled").is_some(),
        pickup_group: text("pickup_group"),
    }
}

/// How good the typed password is; None for an empty one, which will be generated.
pub fn strength(pairs: &Pairs, viewer: &Viewer) -> Option<Strength> {
    let typed = value(pairs, "secret").filter(|secret| !secret.is_empty())?;
    let known =
        [value(pairs, "extension"), value(pairs, "caller_id")].map(Option::unwrap_or_default);
    let score = secret::score(typed, &[known[0], known[1], "gonopbx", "asterisk"]);
    Some(Strength {
        score,
        is_weak: score < STRONG_SCORE,
        may_override: policy::may(&viewer.actor, &Act::UseWeakSecret),
        is_overridden: value(pairs, "allow_weak").is_some(),
    })
}

pub fn min_password() -> u64 {
    u64::try_from(SHORTEST).unwrap_or_default()
}

pub async fn new_page(
    State(site): State<Site>,
    viewer: Viewer,
) -> std::result::Result<Response, Failure> {
    let new = New {
        number: site.app.next_free_number(&viewer.actor).await?,
        strength: None,
        values: values_of(None),
        choices: choices(&site).await?,
        errors: FieldErrors::default(),
        min_password: min_password(),
    };
    Ok(viewer
        .look
        .answer(views::extensions::form::new(&viewer.look.page(&site), &new)))
}

pub async fn create(
    State(site): State<Site>,
    viewer: Viewer,
    Form(pairs): Form<Pairs>,
) -> std::result::Result<Response, Failure> {
    let created = match draft(&pairs) {
        Ok(draft) => site.app.create_extension(&viewer.actor, draft).await,
        Err(error) => Err(error),
    };
    let error = match created {
        Ok(saved) => {
            let done = Done::Created(saved.extension.number.to_string());
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(credentials(&site, &viewer, &saved, flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let new = New {
        number: value(&pairs, "extension").unwrap_or_default().to_owned(),
        strength: strength(&pairs, &viewer),
        values: values_typed(&pairs),
        choices: choices(&site).await?,
        errors,
        min_password: min_password(),
    };
    let page = views::extensions::form::new(&viewer.look.page(&site), &new);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub async fn strength_fragment(viewer: Viewer, Form(pairs): Form<Pairs>) -> views::Markup {
    views::extensions::strength::fragment(strength(&pairs, &viewer), &viewer.look.texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Given;

    fn pairs(list: &[(&str, &str)]) -> Pairs {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_form_speaks_the_contracts_words() {
        let draft = draft(&pairs(&[
            ("extension", "1001"),
            ("caller_id", "Büro"),
            ("secret", ""),
            ("enabled", "on"),
            ("codec_order", "own"),
            ("codec", "2:ulaw"),
            ("codec", ""),
            ("codec", "1:alaw"),
        ]))
        .expect("readable");
        assert_eq!(draft.number, Given::Value("1001".into()));
        assert_eq!(draft.secret, Given::Null);
        assert_eq!(draft.codecs, Given::Value("alaw,ulaw".into()));
        assert_eq!(
            (draft.enabled, draft.blf),
            (Given::Value(true), Given::Value(false))
        );
    }

    #[test]
    fn own_codecs_without_any_is_not_the_systems_order() {
        let none = draft(&pairs(&[("codec_order", "own"), ("codec", "")])).expect("readable");
        assert_eq!(none.codecs, Given::Value(",".into()));
        let system =
            draft(&pairs(&[("codec_order", "system"), ("codec", "1:alaw")])).expect("readable");
        assert_eq!(system.codecs, Given::Null);
    }
}
