//! The same with a browser whose JavaScript is off.

use std::fmt::Write as _;

use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::{Page, Visitor};
use crate::support::{Pbx, pbx};

const BOUNDARY: &str = "----end-of-a-part";

/// Presses a button of the form: with a file, or with what stands in the field.
async fn send(visitor: &Visitor, name: &str, bytes: &[u8], is_confirmed: bool) -> Page {
    let mut body = Vec::new();
    let file = if name == "file" {
        "; filename=\"table.csv\"\r\nContent-Type: text/csv"
    } else {
        ""
    };
    let head =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n");
    if is_confirmed {
        let confirm = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"confirm\"\r\n\r\nyes\r\n"
        );
        body.extend_from_slice(confirm.as_bytes());
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let request = visitor
        .client()
        .post(format!("{}/extensions/import", visitor.url()))
        .header("origin", visitor.url())
        .header("sec-fetch-site", "same-origin")
        .header(
            "content-type",
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(body);
    visitor.send(request).await
}

/// Of the numbers of these tables; other tests make extensions meanwhile.
async fn there(pbx: &Pbx, numbers: [&str; 2]) -> i64 {
    let sql = "select count(*) from pbx.extension where number in ($1, $2)";
    pbx.owner().await.count(sql, &numbers).await
}

#[tokio::test]
async fn a_table_is_uploaded_mended_in_place_and_imported() {
    let pbx = pbx().await;
    let (one, two) = (pbx.free_number(), pbx.free_number());
    for (language, wrong, right, done) in [
        ("en", "2 rows are not right", "Import", "imported"),
        ("de", "2 Zeilen stimmen nicht", "importieren", "importiert"),
    ] {
        let visitor = pbx.visitor(language).await;
        let page = visitor.open("/extensions/import").await.expect(200);
        assert!(page.html.contains("enctype=\"multipart/form-data\""));
        let before = there(&pbx, [&one, &two]).await;
        // As an older spreadsheet writes it.
        let bad = format!(
            "Nummer;Name;Passwort;Klingeldauer\r\n{one};B\u{fc}ro;abc123;2\r\n01;x;;20\r\n"
        );
        let bytes: Vec<u8> = bad
            .chars()
            .map(|c| u8::try_from(u32::from(c)).expect("Latin"))
            .collect();
        let page = send(&visitor, "file", &bytes, false).await;
        assert_eq!(page.status, 422, "{}", page.text());
        assert!(
            page.shows("Windows-1252") && page.shows("Büro"),
            "{}",
            page.text()
        );
        let rows = page.html.matches("<tr><td data-label").count();
        assert_eq!(rows, 2, "{}", page.text());
        assert!(page.shows(wrong), "{}", page.text());
        assert_eq!(there(&pbx, [&one, &two]).await, before);
        // A confirmation that no page offers changes nothing either.
        let page = send(&visitor, "text", bad.as_bytes(), true).await;
        assert_eq!(
            (page.status, there(&pbx, [&one, &two]).await),
            (422, before)
        );

        let number = if language == "en" { &one } else { &two };
        let good = format!("Nummer;Name;Passwort;Mailbox\n{number};Büro;;ja\n");
        let page = send(&visitor, "text", good.as_bytes(), false)
            .await
            .expect(200);
        assert!(
            page.html.contains("name=\"confirm\"") && page.shows(right),
            "{}",
            page.text()
        );
        let after = there(&pbx, [&one, &two]).await;
        assert_eq!(after, before, "looking writes nothing");
        let page = send(&visitor, "text", good.as_bytes(), true)
            .await
            .expect(200);
        assert!(page.shows(done), "{}", page.text());
        let secret = page
            .html
            .split("<code>")
            .nth(1)
            .and_then(|rest| rest.split("</code>").next());
        let phone = pbx
            .phone(number, secret.expect("the generated password"))
            .await;
        assert_eq!(phone.register().await, 200);
        assert!(
            page.html.contains("download=\"pass") && page.html.contains("href=\"data:text/csv")
        );
        let again = send(&visitor, "text", good.as_bytes(), true).await;
        assert_eq!(
            again.status,
            422,
            "all of it is there already: {}",
            again.text()
        );
    }
}

#[tokio::test]
async fn what_is_no_table_is_refused_with_a_sentence_at_the_field() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let mut many = String::from("number\n");
    for n in 0..5001 {
        let _infallible = writeln!(many, "{}", 10_000 + n);
    }
    let large = vec![b'x'; 1024 * 1024 + 1];
    let beyond = vec![b'x'; 5 * 1024 * 1024];
    for (bytes, sentence) in [
        (b"".as_slice(), "no row below"),
        (b"PK\x03\x04\0\0\0", "no CSV file"),
        (b"name\nAda\n", "no column"),
        (many.as_bytes(), "at most 5000"),
        (&large, "at most 1024 kB"),
        (&beyond, "at most 1024 kB"),
    ] {
        let page = send(&visitor, "file", bytes, true).await;
        assert_eq!(page.status, 422, "{sentence}: {}", page.text());
        assert!(page.shows(sentence), "{sentence}: {}", page.text());
        assert_eq!(page.wrong_fields(), ["file"], "{}", page.text());
    }
}

#[tokio::test]
async fn tables_are_for_admins() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    for path in [
        "/extensions/import",
        "/extensions/import/template",
        "/extensions/export",
    ] {
        visitor.open(path).await.expect(403);
    }
    let page = send(&visitor, "text", b"number\n4711\n", true).await;
    assert_eq!(page.status, 403);
    for path in ["/api/peers/export", "/api/peers/export?q=1"] {
        eva.api.get(path).await.expect_error(403, "forbidden");
        pbx.anonymous()
            .get(path)
            .await
            .expect_error(401, "unauthenticated");
    }
    super::import(&eva.api, "number\n4711\n", "")
        .await
        .expect_error(403, "forbidden");
    super::import(&pbx.anonymous(), "number\n4711\n", "")
        .await
        .expect_error(401, "unauthenticated");
}
