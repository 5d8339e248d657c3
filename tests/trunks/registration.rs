//! A trunk registers at its provider, and what is said about it.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::{Trunk, draft};
use crate::support::provider::{Answer, Provider};
use crate::support::{pbx, within};

const TWO_SECONDS: Duration = Duration::from_secs(2);
/// A silent provider is asked for six seconds, after five without an answer to Asterisk.
const A_LOOK: Duration = Duration::from_secs(20);
const SECONDS: Duration = Duration::from_secs(10);

#[tokio::test]
async fn an_accepted_registration_is_shown_as_one() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let contact = provider.is_registered(&trunk.account).await;
    assert!(
        contact.starts_with(&format!("sip:{}@", trunk.account)),
        "{contact}"
    );
    assert!(contact.contains(";line="), "{contact}");
    let requests = provider.requests("REGISTER");
    let (first, last) = (&requests[0], &requests[requests.len() - 1]);
    let host = provider.address().ip();
    for header in ["From", "To"] {
        let uri = format!("sip:{}@{host}", trunk.account);
        assert_eq!(first.uri(header), uri, "{header}");
    }
    assert_eq!(
        first.first,
        format!("REGISTER sip:{};transport=udp SIP/2.0", provider.server())
    );
    assert!(!last.header("Authorization").is_empty());

    let status = trunk.has_status("registered").await;
    assert_eq!(status["trunk"]["id"], trunk.id, "{status}");
    assert!(status["registration"]["since"].is_string(), "{status}");
    assert_eq!(status["registration"]["last_response"], "200 OK");
    assert!(
        !status.to_string().contains("secret of"),
        "no password: {status}"
    );
    trunk.delete().await;
}

/// The page of the trunk says it to people, in their language.
async fn reads(trunk: &Trunk, language: &str, sentence: &str) {
    let visitor = trunk.pbx.visitor(language).await;
    let path = format!("/trunks/{}", trunk.id);
    within(A_LOOK, sentence, || async {
        let page = visitor.open(&path).await.expect(200);
        page.shows(sentence).then_some(())
    })
    .await;
}

#[tokio::test]
async fn how_long_a_registration_lasts_is_what_the_provider_granted() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    provider.grants(Duration::from_mins(5));
    let trunk = Trunk::registered(&pbx, &provider).await;
    let now = chrono::DateTime::<chrono::Utc>::from(SystemTime::now());
    let (expires, next) = within(SECONDS, "its end is known", || async {
        let registration = &trunk.status().await["registration"];
        let time = |name: &str| registration[name].as_str()?.parse().ok();
        time("expires").zip(time("next_attempt"))
    })
    .await;
    let left = |until: chrono::DateTime<chrono::Utc>| (until - now).num_seconds();
    assert!((290..=302).contains(&left(expires)), "{expires}");
    assert!((280..=292).contains(&left(next)), "{next}");
    reads(&trunk, "en", "Registered until").await;
    reads(&trunk, "de", "Angemeldet bis").await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_provider_that_answers_is_shown_as_reachable_with_its_round_trip_time() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::fixed(&pbx, &provider).await;
    let status = within(SECONDS, "it is reachable", || async {
        let status = trunk.status().await;
        (status["endpoint"]["reachable"] == true).then_some(status)
    })
    .await;
    assert!(status["endpoint"]["rtt"].as_f64() > Some(0.0), "{status}");
    assert_eq!(
        status["registration"]["status"], "unknown",
        "it does not register: {status}"
    );
    trunk.delete().await;
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unreachable_from_the_beginning() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    provider.stops();
    let trunk = Trunk::fixed(&pbx, &provider).await;
    trunk.is_unreachable().await;
    reads(&trunk, "en", "Fixed IP, no answer").await;
    reads(&trunk, "de", "Feste IP, keine Antwort").await;
    // Switched off it is not asked, and asked at once when it is switched on.
    trunk.change(json!({"enabled": false})).await;
    provider.starts();
    let before = provider.requests("OPTIONS").len();
    trunk.change(json!({"enabled": true})).await;
    provider.hears_more("OPTIONS", before, SECONDS).await;
    reads(&trunk, "en", "Fixed IP, reachable").await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let draft = draft(&pbx, &provider).with("password", "not the one");
    let trunk = draft.create().await;
    trunk.has_status("rejected").await;
    assert_eq!(provider.contact(&trunk.account), None);
    let said = within(SECONDS, "the provider's words are known", || async {
        let status = trunk.status().await;
        status["registration"]["last_response"]
            .as_str()
            .map(str::to_owned)
    })
    .await;
    assert_eq!(said, "403 Wrong password");
    reads(&trunk, "en", "wrong user name or password").await;
    reads(&trunk, "de", "Benutzername oder Passwort falsch").await;

    // The right one is used at once.
    let right = format!("secret of {}", trunk.account);
    let saved = trunk.change(json!({"password": right})).await;
    assert_eq!(
        saved["password"], *right,
        "shown in the answer that sets it"
    );
    trunk.has_status("registered").await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_refusal_is_told() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    provider.answers_register(Answer::Refused(403));
    let trunk = draft(&pbx, &provider).create().await;
    trunk.has_status("rejected").await;
    reads(&trunk, "en", "403 Refused").await;
    provider.answers_register(Answer::Refused(503));
    trunk.change(json!({"enabled": false})).await;
    trunk.change(json!({"enabled": true})).await;
    reads(&trunk, "en", "the provider has a fault (503 Refused)").await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_no_registration() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    provider.answers_register(Answer::None);
    let trunk = draft(&pbx, &provider).create().await;
    provider.hears_more("REGISTER", 0, SECONDS).await;
    trunk.has_status("unregistered").await;
    reads(&trunk, "en", "No answer since").await;
    // It is given up after 32 seconds, as the standard has it.
    within(Duration::from_secs(45), "it is given up", || async {
        let status = trunk.status().await;
        let registration = &status["registration"];
        assert_ne!(registration["status"], "registered", "{status}");
        (registration["status"] == "rejected").then_some(())
    })
    .await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_registration_is_renewed_before_it_expires() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    provider.grants(Duration::from_secs(12));
    let trunk = Trunk::registered(&pbx, &provider).await;
    let before = provider.requests("REGISTER").len();
    let limit = Duration::from_secs(11);
    provider.hears_more("REGISTER", before, limit).await;
    trunk.has_status("registered").await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_provider_that_has_restarted_has_us_again() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    provider.grants(Duration::from_secs(12));
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    provider.stops();
    provider.is_missed(Duration::from_secs(11)).await;
    provider.starts();
    let number = trunk.numbers.plus(1);
    let call = provider.call_registered(&trunk.account, &number).await;
    let mut out = call.send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    trunk.has_status("registered").await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_changed_password_is_used_within_two_seconds() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    for password in ["a new one", "a; newer ^one, \"quoted\"", "third"] {
        provider.has_account(&trunk.account, password);
        let before = provider.requests("REGISTER").len();
        provider.stops();
        provider.starts();
        trunk.change(json!({"password": password})).await;
        within(
            TWO_SECONDS,
            "it registers with the new password",
            || async { provider.contact(&trunk.account) },
        )
        .await;
        assert!(provider.requests("REGISTER").len() > before);
    }
    // The mask keeps what was there.
    let saved = trunk.change(json!({"password": "********"})).await;
    assert_eq!(saved["password"], "********");
    trunk.change(json!({"enabled": false})).await;
    provider.is_unregistered(&trunk.account).await;
    trunk.change(json!({"enabled": true})).await;
    provider.is_registered(&trunk.account).await;
    trunk.delete().await;
}

#[tokio::test]
async fn a_deleted_trunk_is_unregistered() {
    let pbx = pbx().await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    trunk.delete().await;
    provider.is_unregistered(&trunk.account).await;
    // It is not asked any more either whether it is there.
    let owner = pbx.owner().await;
    let aor = format!("trunk-aor-{}", trunk.id);
    within(SECONDS, "nothing is left to be asked", || async {
        let sql = "select count(*) from ps_aors where id = $1";
        (owner.count(sql, &[&aor]).await == 0).then_some(())
    })
    .await;
    let contacts = pbx.cli("pjsip show contacts").await;
    assert!(!contacts.contains(&aor), "{contacts}");
    let admin = pbx.admin().await;
    let answer = admin.get(&format!("{}/status", trunk.path())).await;
    answer.expect_error(404, "not_found");
}

#[tokio::test]
async fn another_server_gets_the_registration_and_the_former_loses_it() {
    let pbx = pbx().await;
    let (old, new) = (Provider::open(&pbx).await, Provider::open(&pbx).await);
    let trunk = Trunk::registered(&pbx, &old).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    new.has_account(&trunk.account, &format!("secret of {}", trunk.account));
    trunk.change(json!({"sip_server": new.server()})).await;
    new.is_registered(&trunk.account).await;
    old.is_unregistered(&trunk.account).await;
    let mut out = ada.dial("030123456").await;
    new.rings().await.refuse(486).await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = new.call(&trunk.numbers.plus(1)).send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    let mut out = old.call(&trunk.numbers.plus(1)).send().await;
    if !out.is_ignored() {
        assert!(out.is_refused().await >= 400, "it is a stranger now");
    }
    assert!(!ada.has_rung().await);
    trunk.delete().await;
}
