//! The forms about trunks: from a provider's template to fields, from what was typed to a draft, and back to a filled
//! form with its errors.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use views::page::Done;
use views::trunks::AuthMode;
use views::trunks::form::{Edit, New, ProviderField, ProviderForm, Values};
use views::ui::form::FieldErrors;
use views::ui::url;

use super::describe::{codecs, field_errors, flash, typed_codecs};
use super::extension_form::{Pairs, value};
use super::trunk::editable;
use super::trunks::{Answer, permit, provider, shown, template};
use super::viewer::{Viewer, redirect_with};
use crate::app::{Error, Result};
use crate::domain::did::{Did, NumberPlan};
use crate::domain::number_block::NumberBlock;
use crate::domain::provider::{Field, Provider};
use crate::domain::trunk::{Trunk, TrunkDraft};
use crate::domain::{Act, Fields, provider as domain};
use crate::web::Site;

/// What is typed and may be shown again, by the names of the REST contract.
const TYPED: [&str; 6] = [
    "sip_server",
    "transport",
    "username",
    "from_user",
    "caller_id",
    "number_block",
];

pub fn auth_mode(mode: domain::AuthMode) -> AuthMode {
    match mode {
        domain::AuthMode::Registration => AuthMode::Registration,
        domain::AuthMode::Ip => AuthMode::Ip,
    }
}

fn form(template: &Provider, viewer: &Viewer) -> ProviderForm {
    let codecs = codecs(template.codecs.ids());
    let usual = &template.codecs;
    let usual = usual.ids().iter().filter_map(|id| {
        let codec = codecs.iter().find(|codec| codec.name == *id)?;
        Some(codec.label.clone())
    });
    ProviderForm {
        key: template.key.clone(),
        provider: provider(template, viewer),
        country: template.country.clone(),
        fields: template.fields.iter().map(|f| field(f, viewer)).collect(),
        auth_modes: template.auth_modes.iter().copied().map(auth_mode).collect(),
        usual_codecs: usual.collect(),
    }
}

fn field(field: &Field, viewer: &Viewer) -> ProviderField {
    let lang = viewer.look.texts.lang().code();
    let text = |texts: &BTreeMap<String, String>| {
        let text = texts.get(lang).or_else(|| texts.get("en"));
        text.cloned().unwrap_or_default()
    };
    ProviderField {
        // The template calls it what the letter does.
        name: match field.name.as_str() {
            "server" => "sip_server".to_owned(),
            name => name.to_owned(),
        },
        label: text(&field.label),
        help: text(&field.help),
        is_required: field.required,
        is_secret: field.name == "password",
        example: field.example.clone().unwrap_or_default(),
        only: match field.modes[..] {
            [only] => Some(auth_mode(only)),
            _ => None,
        },
    }
}

/// As a contract has it: `042198961300-042198961399`.
fn block(block: &NumberBlock, plan: &NumberPlan) -> String {
    let number = |value| Did::from_value(value).map(|did| did.national(plan));
    let ranges = block.ranges().iter().filter_map(|range| {
        let first = number(range.first)?;
        if range.first == range.last {
            return Some(first);
        }
        Some(format!("{first}-{}", number(range.last)?))
    });
    ranges.collect::<Vec<_>>().join(", ")
}

fn values_of(trunk: &Trunk, template: &Provider, plan: &NumberPlan) -> Values {
    let caller_id = trunk.caller_id.as_ref().map(|did| did.national(plan));
    let typed = [
        ("sip_server", Some(trunk.server.clone())),
        ("transport", Some(trunk.transport.as_str().to_owned())),
        ("username", trunk.username.clone()),
        ("from_user", trunk.from_user.clone()),
        ("caller_id", caller_id),
        ("number_block", Some(block(&trunk.numbers, plan))),
    ];
    let own = trunk.codecs != template.codecs;
    Values {
        name: trunk.name.clone(),
        auth_mode: auth_mode(trunk.auth_mode),
        typed: typed
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
        is_enabled: trunk.enabled,
        has_own_codecs: own,
        codecs: codecs(if own { trunk.codecs.ids() } else { &[] }),
    }
}

/// A form as it comes back: what was typed, not what was understood.
fn values_typed(pairs: &Pairs, template: &Provider) -> Values {
    let own = typed_codecs(pairs);
    let ranked: Vec<&str> = own.split(',').collect();
    let typed = TYPED
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), value(pairs, name)?.to_owned())));
    Values {
        name: value(pairs, "name").unwrap_or_default().to_owned(),
        auth_mode: value(pairs, "auth_mode")
            .and_then(AuthMode::named)
            .or(template.usual_mode().map(auth_mode))
            .unwrap_or_default(),
        typed: typed.collect(),
        is_enabled: value(pairs, "enabled").is_some(),
        has_own_codecs: !own.is_empty(),
        codecs: codecs(&ranked),
    }
}

/// A form names each of its fields; a check box that is off, and an empty field, are meant.
fn draft(pairs: &Pairs) -> Result<TrunkDraft> {
    let others = pairs
        .iter()
        .filter(|(name, _)| name != "codec" && name != "codec_order");
    let mut contract: Pairs = others.cloned().collect();
    if value(pairs, "codec_order").is_some() {
        contract.push(("codecs".to_owned(), typed_codecs(pairs)));
    }
    let mut fields = Fields::from_form(contract, &["enabled"]);
    let draft = TrunkDraft::read(&mut fields);
    fields.finish().or(draft).map_err(Error::from)
}

/// The second step to a new trunk.
pub fn new(site: &Site, viewer: &Viewer, key: &str) -> Answer {
    let template = known(site, key)?;
    let data = New {
        provider: form(template, viewer),
        values: Values {
            auth_mode: template.usual_mode().map(auth_mode).unwrap_or_default(),
            is_enabled: true,
            codecs: codecs(&[]),
            ..Values::default()
        },
        errors: FieldErrors::default(),
    };
    let page = views::trunks::form::new(&viewer.look.page(site), &data);
    Ok(viewer.look.answer(page))
}

fn known<'p>(site: &'p Site, key: &str) -> Result<&'p Provider> {
    let found = site.app.providers().iter().find(|p| p.key == key);
    found.ok_or(Error::NotFound("provider"))
}

pub async fn create(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditTrunks)?;
    let template = known(&site, value(&pairs, "provider").unwrap_or_default())?;
    let created = match draft(&pairs) {
        Ok(draft) => site.app.create_trunk(&viewer.actor, draft).await,
        Err(error) => Err(error),
    };
    let error = match created {
        Ok(saved) => {
            let done = Done::TrunkCreated(saved.trunk.name);
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with(&url::trunk(saved.trunk.id, "/check"), &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let data = New {
        provider: form(template, &viewer),
        values: values_typed(&pairs, template),
        errors,
    };
    let page = views::trunks::form::new(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub async fn edit_page(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
) -> Answer {
    let trunk = editable(&site, &viewer, &text).await?;
    let settings = site.app.settings().await?;
    let template = template(&site, &trunk.provider)?;
    let data = Edit {
        trunk: shown(&site, &viewer, &trunk)?,
        provider: form(template, &viewer),
        values: values_of(&trunk, template, &settings.numbers),
        errors: FieldErrors::default(),
    };
    let page = views::trunks::form::edit(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

pub async fn edit(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let trunk = editable(&site, &viewer, &text).await?;
    let saved = match draft(&pairs) {
        Ok(draft) => site.app.edit_trunk(&viewer.actor, trunk.id, draft).await,
        Err(error) => Err(error),
    };
    let error = match saved {
        Ok(saved) => {
            let done = Done::TrunkSaved(saved.trunk.name);
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            // Where one sees what the change does.
            return Ok(redirect_with(&url::trunk(trunk.id, ""), &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let template = template(&site, &trunk.provider)?;
    let data = Edit {
        trunk: shown(&site, &viewer, &trunk)?,
        provider: form(template, &viewer),
        values: values_typed(&pairs, template),
        errors,
    };
    let page = views::trunks::form::edit(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Given;

    #[test]
    fn a_block_is_written_so_that_it_can_be_read_again() {
        let plan = NumberPlan::default();
        let text = "042198961300-042198961399, 04219896200, 003906123456";
        let read = NumberBlock::parse(text, &plan).expect("legal");
        let written = block(&read, &plan);
        assert_eq!(NumberBlock::parse(&written, &plan), Ok(read));
        assert_eq!(
            written,
            "003906123456, 04219896200, 042198961300-042198961399"
        );
    }

    #[test]
    fn the_form_speaks_the_contracts_words() {
        let pairs: Pairs = [
            ("name", "Haus"),
            ("password", ""),
            ("codec_order", "system"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let draft = draft(&pairs).expect("readable");
        assert_eq!(draft.name, Given::Value("Haus".into()));
        assert_eq!(
            draft.password,
            Given::Null,
            "an empty one keeps what is there"
        );
        assert_eq!(
            (draft.codecs, draft.enabled),
            (Given::Null, Given::Value(false))
        );
    }
}
