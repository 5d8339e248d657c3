//! A trunk as rows of Asterisk's tables: what a provider's template and a person's fields come to.

use crate::domain::did::{Did, NumberPlan};
use crate::domain::provider::{Account, AuthMode, FromUser, Provider, Transport};
use crate::domain::trunk::TrunkEdit;

pub fn endpoint(id: i64) -> String {
    format!("trunk-ep-{id}")
}

pub fn aor(id: i64) -> String {
    format!("trunk-aor-{id}")
}

pub fn registration(id: i64) -> String {
    format!("trunk-reg-{id}")
}

/// The trunk of a registration.
pub fn trunk_of(registration: &str) -> Option<i64> {
    registration.strip_prefix("trunk-reg-")?.parse().ok()
}

/// The values that differ from trunk to trunk; a `;` is written as realtime wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    pub contact: String,
    pub outbound_proxy: Option<String>,
    pub server_uri: String,
    pub client_uri: Option<String>,
    /// The user part of our Contact: what providers put into the Request-URI when they do not put the number there.
    pub contact_user: Option<String>,
    pub realm: Option<String>,
    pub from_user: Option<String>,
    pub from_domain: String,
    pub identify_by: &'static str,
    pub diversion: &'static str,
    pub history_info: &'static str,
    /// The keys of encrypted sound would not be sent in the open.
    pub is_secure: bool,
    pub set_var: String,
    pub expiration: i32,
    /// `Name: value` that only this trunk's calls have.
    pub match_header: Option<String>,
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Realtime splits a value at `;`.
pub fn escaped(value: &str) -> String {
    value.replace('^', "^5E").replace(';', "^3B")
}

fn local_part(account: &str) -> &str {
    account.split('@').next().unwrap_or(account)
}

fn without_port(server: &str) -> &str {
    if server.starts_with('[') {
        return server.split_inclusive(']').next().unwrap_or(server);
    }
    server.split(':').next().unwrap_or(server)
}

pub fn rows(edit: &TrunkEdit, provider: &Provider, plan: &NumberPlan, id: i64) -> Rows {
    let connecting = provider.connecting(edit.auth_mode);
    let domain = connecting.and_then(|c| c.domain.as_deref());
    let port = connecting
        .and_then(|c| c.port)
        .filter(|_| without_port(&edit.server) == edit.server);
    let server = match port {
        Some(port) => format!("{}:{port}", edit.server),
        None => edit.server.clone(),
    };
    let transport = edit.transport.parameter();
    let registrar = domain.unwrap_or(&server);
    let host = without_port(registrar);
    let account = edit.username.as_deref();
    let from_user = match provider.identity.from_user {
        // The caller's number, unless somebody wants one sender for all calls.
        FromUser::Did => edit.from_user.as_deref(),
        FromUser::Username => account,
        FromUser::Field => edit.from_user.as_deref().or(account),
    };
    let account = account.map(|name| registered(edit, provider, name));
    let uri = escaped(&format!("sip:{registrar}{transport}"));
    Rows {
        contact: uri.clone(),
        outbound_proxy: domain.map(|_| escaped(&format!("sip:{server}{transport};lr"))),
        server_uri: uri,
        client_uri: account.map(|account| {
            // The account of some providers is an address already.
            let host = if account.contains('@') {
                String::new()
            } else {
                format!("@{host}")
            };
            escaped(&format!("sip:{account}{host}"))
        }),
        contact_user: account.map(|name| escaped(local_part(name))),
        realm: provider.realm.clone(),
        from_user: from_user.map(|user| local_part(user).to_owned()),
        from_domain: provider
            .identity
            .from_domain
            .clone()
            .unwrap_or_else(|| host.to_owned()),
        identify_by: if provider.inbound.header.is_some() {
            "header,ip"
        } else {
            "ip"
        },
        diversion: yes_no(provider.identity.diversion),
        history_info: yes_no(provider.identity.history_info),
        is_secure: edit.transport == Transport::Tls,
        set_var: set_var(plan, id, account),
        expiration: provider.expiration,
        match_header: provider
            .inbound
            .header
            .as_ref()
            .map(|header| header.replace("{username}", account.unwrap_or_default())),
    }
}

/// The address the provider knows us by, or its user part; the user name where a person left the field for it empty.
fn registered<'a>(edit: &'a TrunkEdit, provider: &Provider, username: &'a str) -> &'a str {
    let account = provider.connecting(edit.auth_mode).map(|c| c.account);
    let other = match account.unwrap_or_default() {
        Account::Username => None,
        Account::FromUser => edit.from_user.as_deref(),
        Account::CallerId => edit.caller_id.as_ref().map(Did::as_str),
    };
    other.unwrap_or(username)
}

/// What the static dialplan needs to know of a call that comes in.
fn set_var(plan: &NumberPlan, id: i64, account: Option<&str>) -> String {
    let mut pairs = vec![
        format!("PBX_COUNTRY={}", plan.country),
        format!("PBX_AREA={}", plan.area),
        format!("PBX_TRUNK={id}"),
    ];
    pairs.extend(account.map(|account| format!("PBX_ACCOUNT={}", escaped(local_part(account)))));
    pairs.join(";")
}

/// The server a person typed, out of the rows.
pub fn server_of(contact: Option<&str>, outbound_proxy: Option<&str>) -> String {
    let uri =
        crate::domain::caller_name::decode_caret(outbound_proxy.or(contact).unwrap_or_default());
    let server = uri.strip_prefix("sip:").unwrap_or(&uri);
    server.split(';').next().unwrap_or_default().to_owned()
}

/// What SIP travels on, out of the same row.
pub fn transport_of(contact: Option<&str>) -> Transport {
    let uri = crate::domain::caller_name::decode_caret(contact.unwrap_or_default());
    Transport::of_uri(&uri)
}

/// Registers, and so has a row in ps_registrations.
pub fn registers(edit: &TrunkEdit) -> bool {
    edit.enabled && edit.auth_mode == AuthMode::Registration
}
