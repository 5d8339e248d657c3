//! What holds for the whole system, set without JavaScript.

use crate::support::own_pbx;

#[tokio::test]
async fn the_order_of_codecs_is_live_for_extensions_without_one_of_their_own() {
    let pbx = own_pbx("settings").await;
    let (usual, own) = (
        pbx.ext().create().await,
        pbx.ext().with("codecs", "gsm").create().await,
    );
    let visitor = pbx.visitor("de").await;
    let page = visitor.open("/settings").await.expect(200);
    for words in [
        "Allgemein",
        "Audio",
        "Zeitzone",
        "Europe/Berlin",
        "AGPL-3.0-or-later",
    ] {
        assert!(page.shows(words), "{words}: {}", page.text());
    }
    let version = format!("GonoPBX {}", env!("CARGO_PKG_VERSION"));
    assert!(page.shows(&version), "{}", page.text());

    let form = page.form("/settings/audio");
    let none = visitor.submit(&form.clone().force("codec", "")).await;
    assert_eq!(
        (none.status, none.wrong_fields()),
        (422, vec!["global_codecs".to_owned()])
    );
    let order = form.force("codec", "1:g722");
    visitor.submit(&order).await.expect(200);
    for (extension, codec) in [(&usual, "g722"), (&own, "gsm")] {
        let command = format!("pjsip show endpoint {}", extension.number);
        let shown = pbx.cli(&command).await;
        let line = shown.lines().find(|line| line.contains(" allow "));
        let line = line.unwrap_or_default().to_owned();
        assert!(line.contains(&format!("({codec})")), "{line}");
    }
}
