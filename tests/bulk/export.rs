//! Extensions to a table, and back.

use serde_json::json;

use super::import;
use crate::support::pbx;

#[tokio::test]
async fn an_export_has_no_secret_and_no_formula_and_comes_back_as_it_was() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let names = ["=Roundtrip()", "Roundtrip; \"B\", Löwe", "'+Roundtrip"];
    let mut made = Vec::new();
    for (name, ring_time) in names.into_iter().zip([20, 33, 5]) {
        let desk = pbx
            .ext()
            .name(name)
            .ring_time(ring_time)
            .with("codecs", "alaw,g722")
            .with("pickup_group", "sales")
            .create()
            .await;
        let mailbox = format!("/api/voicemail/mailbox/{}", desk.number);
        let fields = json!({"email": "ada@example.com", "pin": "4711"});
        admin.put(&mailbox, &fields).await.expect(200);
        made.push(desk);
    }
    made[1]
        .change(json!({"enabled": false, "blf_enabled": false, "max_contacts": 2}))
        .await;
    let path = "/api/peers/export?q=roundtrip";
    let first = admin.get(path).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        first.text.lines().count(),
        4,
        "the headings and those that match: {}",
        first.text
    );
    for desk in &made {
        assert!(
            !first.text.contains(&desk.secret) && !first.text.contains("4711"),
            "{}",
            first.text
        );
    }
    let cells = first.text.lines().skip(1).flat_map(|line| line.split(','));
    for cell in cells {
        let cell = cell.trim_matches('"');
        assert!(
            !cell.starts_with(['=', '+', '-', '@']),
            "{cell} is a formula"
        );
    }
    let before = admin.get("/api/peers/").await.expect(200);
    for desk in &made {
        desk.delete().await;
    }
    import(&admin, &first.text, "").await.expect(200);
    let again = admin.get(path).await;
    assert_eq!(again.text, first.text);
    let after = admin.get("/api/peers/").await.expect(200);
    for desk in &made {
        let of = |list: &serde_json::Value| {
            let list = list.as_array().expect("a list").clone();
            let mut peer = list
                .into_iter()
                .find(|peer| peer["extension"] == desk.number.as_str())
                .expect("it is there");
            for field in ["created_at", "updated_at"] {
                peer[field] = json!(null);
            }
            peer
        };
        assert_eq!(of(&before), of(&after));
    }
    admin
        .get("/api/peers/export?state=odd")
        .await
        .expect_error(422, "malformed");
}
