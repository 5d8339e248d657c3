//! `cdr/*`. The calls are rows as Asterisk writes them, of numbers that nobody else has.

use serde_json::{Value, json};

use super::has_shape;
use crate::support::{Pbx, pbx};

/// Four calls of one caller on four days in May 2001: answered, missed, busy, failed.
async fn four_calls(pbx: &Pbx) -> (String, String) {
    let (src, dst) = (pbx.free_number(), pbx.free_number());
    let rows: Vec<String> = ["ANSWERED", "NO ANSWER", "BUSY", "FAILED"]
        .iter()
        .enumerate()
        .map(|(n, disposition)| {
            let day = n + 1;
            let billsec = if n == 0 { 25 } else { 0 };
            format!(
                "('{src}', '{dst}', 'internal', '\"Ada Löwe\" <{src}>', 'PJSIP/{src}-0000000{n}', 'PJSIP/{dst}-0000001{n}',
                  'Dial', '2001-05-0{day} 10:00:00', '2001-05-0{day} 10:00:30', 30, {billsec}, '{disposition}',
                  '{src}.{n}', '{src}.{n}', {n})"
            )
        })
        .collect();
    pbx.asterisk().await.does(&format!(
        "insert into cdr (src, dst, dcontext, clid, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition,
                          uniqueid, linkedid, sequence) values {}",
        rows.join(", ")
    ));
    (src, dst)
}

fn dispositions(list: &Value) -> Vec<&str> {
    let calls = list.as_array().expect("a list").iter();
    calls
        .filter_map(|call| call["disposition"].as_str())
        .collect()
}

#[tokio::test]
async fn a_call_has_the_fields_programs_know() {
    let pbx = pbx().await;
    let (src, dst) = four_calls(&pbx).await;
    let admin = pbx.admin().await;
    let calls = admin
        .get(&format!("/api/cdr/?src={src}&disposition=answered"))
        .await
        .expect(200);
    let call = &calls[0];
    has_shape(
        call,
        "id:int call_date:time clid:text? src:text dst:text channel:text? dstchannel:text? duration:int billsec:int
         disposition:text uniqueid:text linkedid:text direction:text outcome:text src_name:text extensions:list after:text legs:list",
    );
    assert_eq!(call["call_date"], "2001-05-01T10:00:00Z");
    assert_eq!((&call["src"], &call["dst"]), (&json!(src), &json!(dst)));
    assert_eq!(
        (&call["duration"], &call["billsec"]),
        (&json!(30), &json!(25))
    );
    assert_eq!(call["clid"], format!("\"Ada Löwe\" <{src}>"));
    assert_eq!(call["src_name"], "Ada Löwe");
    assert_eq!(call["channel"], format!("PJSIP/{src}-00000000"));
    assert_eq!(call["direction"], "internal");
    has_shape(
        &call["legs"][0],
        "uniqueid:text channel:text dstchannel:text src:text dst:text lastapp:text lastdata:text start:time? duration:int billsec:int
         disposition:text",
    );
}

#[tokio::test]
async fn the_list_is_newest_first_and_filtered() {
    let pbx = pbx().await;
    let (src, dst) = four_calls(&pbx).await;
    let admin = pbx.admin().await;
    let all = ["FAILED", "BUSY", "NO ANSWER", "ANSWERED"];
    for (query, expected) in [
        (format!("src={src}"), &all[..]),
        (format!("dst={dst}"), &all[..]),
        (format!("extension={src}"), &all[..]),
        (format!("extension={dst}"), &all[..]),
        (format!("src={src}&disposition=ANSWERED"), &all[3..]),
        (format!("src={src}&disposition=answered"), &all[3..]),
        (format!("src={src}&disposition=no%20answer"), &all[2..3]),
        (format!("src={src}&disposition=nonsense"), &[]),
        (format!("src={src}&disposition="), &all[..]),
        (format!("src={src}&dst=&extension="), &all[..]),
        (format!("src={src}&dst={src}"), &[]),
        (
            format!("src={src}&date_from=2001-05-02T10:00:00Z"),
            &all[..3],
        ),
        (
            format!("src={src}&date_from=2001-05-02T12:00:00%2B02:00"),
            &all[..3],
        ),
        (
            format!("src={src}&date_from=2001-05-02T00:00:00&date_to=2001-05-03T10:00:00"),
            &all[1..3],
        ),
        (format!("src={src}&date_to=2001-05-01T09:59:59Z"), &[]),
        (format!("src={src}&limit=2"), &all[..2]),
        (format!("src={src}&limit=2&offset=1"), &all[1..3]),
        (format!("src={src}&offset=4"), &[]),
        ("src=no-such-number".into(), &[]),
        ("extension=nobody".into(), &[]),
    ] {
        let list = admin.get(&format!("/api/cdr/?{query}")).await.expect(200);
        assert_eq!(dispositions(&list), expected, "{query}");
        if !query.contains("limit") && !query.contains("offset") {
            let count = admin
                .get(&format!("/api/cdr/count?{query}"))
                .await
                .expect(200);
            assert_eq!(count, json!({"count": expected.len()}), "{query}");
        }
    }
}

#[tokio::test]
async fn a_wildcard_is_a_character_like_any_other() {
    let pbx = pbx().await;
    let (src, _) = four_calls(&pbx).await;
    let admin = pbx.admin().await;
    for query in [
        "src=%25",
        "dst=%25",
        "src=____",
        "src=%5C",
        "q=%25%25%25",
        "q=___",
    ] {
        let list = admin.get(&format!("/api/cdr/?{query}")).await.expect(200);
        let mine = list
            .as_array()
            .expect("a list")
            .iter()
            .any(|call| call["src"] == *src);
        assert!(!mine, "{query} matched {src}");
    }
}

#[tokio::test]
async fn the_list_is_paged_by_key_at_any_depth() {
    let pbx = pbx().await;
    let (src, _) = four_calls(&pbx).await;
    let admin = pbx.admin().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = admin
            .get(&format!("/api/cdr/?src={src}&limit=1{after}"))
            .await
            .expect(200);
        let Some(call) = page.get(0) else { break };
        seen.push(call["disposition"].as_str().unwrap_or_default().to_owned());
        after = format!("&after={}", call["after"].as_str().unwrap_or_default());
    }
    assert_eq!(seen, ["FAILED", "BUSY", "NO ANSWER", "ANSWERED"]);
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_says_which_field_is_wrong() {
    let pbx = pbx().await;
    let admin = pbx.admin().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=-1", "limit"),
        ("limit=abc", "limit"),
        ("limit=", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("date_from=gestern", "date_from"),
        ("date_from=2026-01-06", "date_from"),
        ("date_from=", "date_from"),
        ("date_to=2026-13-40T00:00:00Z", "date_to"),
        ("after=nonsense", "after"),
        ("after=99999999999999999999-1", "after"),
        ("src=%00", "src"),
        ("dst=a%00b", "dst"),
        ("q=a%00bc", "q"),
    ] {
        let answer = admin.get(&format!("/api/cdr/?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text);
        assert!(!answer.errors(field).is_empty(), "{query}: {}", answer.text);
    }
    for path in [
        "/api/cdr/recent?limit=-1",
        "/api/cdr/recent?limit=0",
        "/api/cdr/recent?limit=x",
    ] {
        assert_eq!(admin.get(path).await.status, 422, "{path}");
    }
    let whole = admin.get("/api/cdr/?limit=500").await.expect(200);
    assert!(whole.is_array());
    for odd in [
        "src=%FF%FE",
        "q=%F0%9F%98%80abc",
        "src=%27%3B--",
        "dst=%3Cb%3E",
        "a=b&a=c",
        "%00=%00",
    ] {
        let answer = admin.get(&format!("/api/cdr/?{odd}")).await;
        assert!(
            [200, 400, 422].contains(&answer.status),
            "{odd}: {} {}",
            answer.status,
            answer.text
        );
    }
}

#[tokio::test]
async fn recent_calls_are_few_and_new() {
    let pbx = pbx().await;
    four_calls(&pbx).await;
    let admin = pbx.admin().await;
    let recent = admin.get("/api/cdr/recent?limit=2").await.expect(200);
    has_shape(&recent, "calls:list count:int");
    assert_eq!(recent["count"], 2);
    has_shape(
        &recent["calls"][0],
        "id:int time:time src:text dst:text duration:int billsec:int disposition:text direction:text",
    );
    let recent = admin.get("/api/cdr/recent").await.expect(200);
    let length = recent["calls"].as_array().map(Vec::len);
    assert!(length <= Some(10) && length >= Some(4), "{recent}");
}

#[tokio::test]
async fn all_legs_of_a_call_are_one_call() {
    let pbx = pbx().await;
    let (src, dst) = (pbx.free_number(), pbx.free_number());
    pbx.asterisk().await.does(&format!(
        "insert into cdr (src, dst, clid, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition, uniqueid,
                          linkedid, sequence) values
           ('{src}', '{dst}', '', 'PJSIP/{src}-00000001', 'PJSIP/{dst}-00000002', 'Dial', '2001-06-01 10:00:00',
            '2001-06-01 10:00:20', 20, 0, 'NO ANSWER', '{src}.1', '{src}.1', 1),
           ('{src}', '{dst}', '', 'PJSIP/{src}-00000001', 'PJSIP/{dst}-00000003', 'Dial', '2001-06-01 10:00:00',
            '2001-06-01 10:01:00', 60, 40, 'ANSWERED', '{src}.1', '{src}.1', 2)"
    ));
    // The same leg once more, by another writer.
    pbx.asterisk().await.does(&format!(
        "insert into cdr (src, dst, channel, start, disposition, uniqueid, linkedid, sequence) values
           ('{src}', '{dst}', 'PJSIP/{src}-00000001', '2001-06-01 10:00:00', 'ANSWERED', '{src}.1', '{src}.1', 2)"
    ));
    let admin = pbx.admin().await;
    let calls = admin.get(&format!("/api/cdr/?src={src}")).await.expect(200);
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{calls}");
    let call = &calls[0];
    assert_eq!(call["legs"].as_array().map(Vec::len), Some(2), "{call}");
    assert_eq!(
        (&call["outcome"], &call["billsec"], &call["duration"]),
        (&json!("answered"), &json!(40), &json!(60)),
        "{call}"
    );
}
