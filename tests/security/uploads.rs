//! Files that are no tables, and tables that would be programs in a spreadsheet.

use reqwest::Method;

use crate::bulk::{count, import};
use crate::support::{own_pbx, pbx};

#[tokio::test]
async fn a_file_that_is_no_table_is_refused_and_nothing_is_written() {
    let pbx = own_pbx("uploads").await;
    let admin = pbx.admin().await;
    let before = count(&pbx).await;
    let tables: [(&str, Vec<u8>); 7] = [
        ("a program", b"\x7fELF\x02\x01\x01\0\0\0\0".to_vec()),
        ("an archive", b"PK\x03\x04\x14\0\x06\0".to_vec()),
        (
            "a picture with a script",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>".to_vec(),
        ),
        ("nothing", Vec::new()),
        ("zeros", vec![0; 4096]),
        (
            "one cell without an end",
            [b"extension\n\"".as_slice(), &vec![b'x'; 100_000]].concat(),
        ),
        (
            "too much",
            [b"extension\n".as_slice(), &b"2001\n".repeat(900_000)].concat(),
        ),
    ];
    let visitor = pbx.visitor("en").await;
    for (what, bytes) in tables {
        let answer = admin
            .send(Method::POST, "/api/peers/import", |request| {
                request
                    .header("content-type", "text/csv")
                    .body(bytes.clone())
            })
            .await;
        assert!(
            [400, 413, 422].contains(&answer.status),
            "{what}: {} {}",
            answer.status,
            answer.text
        );
        let head = "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../../etc/cron.d/x.csv\"\r\n\
            Content-Type: image/svg+xml\r\n\r\n";
        let body = [head.as_bytes(), &bytes, b"\r\n--frontier--\r\n"].concat();
        let url = format!("{}/extensions/import", visitor.url());
        let request = visitor
            .client()
            .post(url)
            .header("content-type", "multipart/form-data; boundary=frontier");
        let request = request.body(body);
        let page = visitor
            .send(request.header("sec-fetch-site", "same-origin"))
            .await;
        assert!(
            [400, 413, 422].contains(&page.status),
            "{what}: {}",
            page.status
        );
        assert!(!page.html.contains("onload='x()'"), "{what}");
    }
    assert_eq!(count(&pbx).await, before);
}

#[tokio::test]
async fn a_name_that_is_a_formula_is_text_in_every_table_and_comes_back_as_it_was() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for name in [
        "=1+1",
        "+SUM(A1)",
        "-2+3",
        "@SUM(1)",
        "=cmd|' /C calc'!A0",
        "\t=1",
        "\u{ff1d}1+1",
    ] {
        let number = pbx.free_number();
        let csv = format!("extension,name\n{number},\"{name}\"\n");
        let answer = import(&admin, &csv, "").await;
        if answer.status != 200 {
            assert!(
                [400, 422].contains(&answer.status),
                "{name:?}: {}",
                answer.text
            );
            continue;
        }
        let table = admin
            .get(&format!("/api/peers/export?q={number}"))
            .await
            .text;
        for cell in table.lines().skip(1).flat_map(|line| line.split(',')) {
            let cell = cell.trim_matches('"');
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{name:?}: {cell}"
            );
        }
    }
}

#[tokio::test]
async fn a_recording_is_sent_as_sound_and_as_nothing_else() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    let ada = pbx.ext().create().await;
    admin
        .put(
            &format!("/api/voicemail/mailbox/{}", ada.number),
            &serde_json::json!({}),
        )
        .await
        .expect(200);
    pbx.owner()
        .await
        .add_message(&ada.number, "<script>x()</script>")
        .await;
    let messages = admin
        .get(&format!("/api/voicemail/?mailbox={}", ada.number))
        .await
        .expect(200);
    let id = messages[0]["id"].as_i64().expect("a message");
    let (status, headers, _) = admin
        .bytes(
            Method::GET,
            &format!("/api/voicemail/{id}/audio"),
            |request| request,
        )
        .await;
    assert_eq!(status, 200);
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    assert!(
        header("content-type").starts_with("audio/"),
        "{}",
        header("content-type")
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    for path in [
        "/api/voicemail/..%2f..%2fetc%2fpasswd/audio",
        "/api/voicemail/-1/audio",
        "/api/voicemail/999999999/audio",
    ] {
        let answer = admin.get(path).await;
        assert!(
            [404, 422].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
}
