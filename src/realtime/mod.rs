//! Our types as values of Asterisk's tables, and back. Pure: every word Asterisk reads from a row is written here.

pub mod recorded;
pub mod tables;
pub mod trunk;

use crate::domain::caller_name::decode_caret;
use crate::domain::did::Did;
use crate::domain::extension::Context;
use crate::domain::{CallerName, Codecs, ExtNumber};

/// `identify_by` of an endpoint that phones log in to.
pub const BY_NAME: &str = "username";
/// `identify_by` of a disabled extension: no row of ps_endpoint_id_ips names it, so nobody can be recognised as it, and
/// to a phone it looks exactly like an unknown user.
pub const BY_NOBODY: &str = "ip";

/// NULL means Asterisk's default, `username,ip`.
pub fn is_enabled(identify_by: Option<&str>) -> bool {
    identify_by.is_none_or(|by| by.split(',').any(|way| way.trim() == BY_NAME))
}

pub fn identify_by(enabled: bool) -> &'static str {
    if enabled { BY_NAME } else { BY_NOBODY }
}

/// A context that is not one of an extension's was written in SQL; the guards allow only those that exist.
pub fn context(column: Option<&str>) -> Context {
    column
        .and_then(|text| Context::parse(text).ok())
        .unwrap_or(Context::Internal)
}

pub fn caller_name(column: Option<&str>) -> CallerName {
    CallerName::from_column(column)
}

pub fn codecs(column: Option<&str>) -> Codecs {
    column.map(Codecs::from_column).unwrap_or_default()
}

/// How an extension calls out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    pub did: Did,
    pub trunk_id: i64,
    pub pai: Option<Did>,
}

const OUTBOUND: &str = "PBX_OUT_";

/// `ps_endpoints.set_var` with these facts in the place of the former ones; variables that somebody set in SQL stay.
pub fn with_outbound(set_var: Option<&str>, outbound: Option<&Outbound>) -> Option<String> {
    let others = set_var.unwrap_or_default().split(';').map(str::trim);
    let mut pairs: Vec<String> = others
        .filter(|pair| !pair.is_empty() && !pair.starts_with(OUTBOUND))
        .map(str::to_owned)
        .collect();
    if let Some(outbound) = outbound {
        pairs.push(format!("{OUTBOUND}DID={}", outbound.did));
        pairs.push(format!("{OUTBOUND}TRUNK={}", outbound.trunk_id));
        pairs.extend(
            outbound
                .pai
                .as_ref()
                .map(|pai| format!("{OUTBOUND}PAI={pai}")),
        );
    }
    (!pairs.is_empty()).then(|| pairs.join(";"))
}

/// The id of a contact is `<aor>;@<hash>` with realtime's escape for the semicolon.
pub fn contact_aor(id: &str) -> Option<ExtNumber> {
    let plain = decode_caret(id);
    ExtNumber::parse(plain.split(";@").next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enabled_is_what_asterisk_would_recognise() {
        for (column, enabled) in [
            (None, true),
            (Some("username"), true),
            (Some("username,ip"), true),
            (Some("ip"), false),
        ] {
            assert_eq!(is_enabled(column), enabled, "{column:?}");
        }
        assert!(is_enabled(Some(identify_by(true))) && !is_enabled(Some(identify_by(false))));
    }

    #[test]
    fn a_contact_names_its_extension() {
        assert_eq!(contact_aor("1001^3B@0d4f").map(|n| n.id()), Some(1001));
        assert_eq!(contact_aor("trunk-aor-1^3B@x"), None);
    }

    #[test]
    fn outbound_facts_replace_only_themselves() {
        let did = Did::from_canonical("+4942198961300").expect("legal");
        let facts = Outbound {
            did: did.clone(),
            trunk_id: 3,
            pai: Some(did),
        };
        let set = with_outbound(Some("MINE=1;PBX_OUT_DID=+490000000"), Some(&facts)).expect("set");
        assert_eq!(
            set,
            "MINE=1;PBX_OUT_DID=+4942198961300;PBX_OUT_TRUNK=3;PBX_OUT_PAI=+4942198961300"
        );
        assert_eq!(with_outbound(Some(&set), None).as_deref(), Some("MINE=1"));
        assert_eq!(with_outbound(Some("PBX_OUT_TRUNK=3"), None), None);
    }
}
