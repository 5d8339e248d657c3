//! The history as programs use it beyond the list: more filters, statistics, export, how long it is kept, and whose it is.

use reqwest::Method;
use serde_json::{Value, json};

use super::has_shape;
use crate::support::stack::{ADMIN_PASSWORD, Part};
use crate::support::{Pbx, eventually, own_pbx, pbx};

/// Calls of a caller: `(other end, day of May 2011, disposition, seconds of talk)`.
async fn calls(pbx: &Pbx, src: &str, rows: &[(&str, u32, &str, u32)]) {
    let rows: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(n, (dst, day, disposition, billsec))| {
            let other = if dst.starts_with(['0', '+']) { "trunk-ep-1" } else { *dst };
            format!(
                "('{src}', '{dst}', 'internal', '\"=cmd|x\" <{src}>', 'PJSIP/{src}-0000000{n}', 'PJSIP/{other}-0000001{n}', 'Dial',
                  '2011-05-{day:02} 10:00:00', '2011-05-{day:02} 10:00:30', 30, {billsec}, '{disposition}', 'h{src}.{n}', 'h{src}.{n}', {n})"
            )
        })
        .collect();
    pbx.asterisk().await.does(&format!(
        "insert into cdr (src, dst, dcontext, clid, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition,
                          uniqueid, linkedid, sequence) values {}",
        rows.join(", ")
    ));
}

/// Two inside, two outside, one of each outcome.
async fn four(pbx: &Pbx) -> (String, String) {
    let (src, dst) = (pbx.free_number(), pbx.free_number());
    let rows = [
        (dst.as_str(), 1, "ANSWERED", 25),
        (dst.as_str(), 2, "NO ANSWER", 0),
        ("042199887766", 3, "BUSY", 0),
        ("+4942199887766", 4, "FAILED", 0),
    ];
    calls(pbx, &src, &rows).await;
    (src, dst)
}

#[tokio::test]
async fn direction_and_parts_of_both_numbers_are_filters() {
    let pbx = pbx().await;
    let (src, dst) = four(&pbx).await;
    let admin = pbx.admin().await;
    for (query, expected) in [
        ("direction=outgoing", 2),
        ("direction=internal", 2),
        ("direction=INTERNAL", 2),
        ("direction=incoming", 0),
        ("direction=sideways", 0),
        // However the number was written.
        ("q=0421%20998877", 2),
        ("q=%2B494219988", 2),
        ("dst=99887766", 2),
        ("dst=042199887766&direction=outgoing&disposition=busy", 1),
        ("q=99887766&disposition=failed", 1),
        ("q=000000", 0),
    ] {
        let path = format!("/api/cdr/?extension={src}&{query}");
        let list = admin.get(&path).await.expect(200);
        assert_eq!(list.as_array().map(Vec::len), Some(expected), "{query}");
        let count = admin.get(&path.replace("/?", "/count?")).await.expect(200);
        assert_eq!(count["count"], expected, "{query}");
        let told = admin.get(&path.replace("/?", "/stats?")).await.expect(200);
        assert_eq!(told["total_calls"], expected, "{query}");
    }
    let both = format!("/api/cdr/?q={src}");
    assert_eq!(
        admin.get(&both).await.expect(200).as_array().map(Vec::len),
        Some(4)
    );
    let both = format!("/api/cdr/?src={src}&q={dst}");
    assert_eq!(
        admin.get(&both).await.expect(200).as_array().map(Vec::len),
        Some(2)
    );
    for path in [
        "/api/cdr/?q=04",
        "/api/cdr/count?q=1",
        "/api/cdr/stats?q=%20-1",
        "/api/cdr/export?q=12",
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert_eq!(answer.errors("q"), ["search_too_short"], "{path}");
    }
    // What is shorter than a part is a whole number.
    let short = admin.get("/api/cdr/?src=20").await.expect(200);
    assert_eq!(short, json!([]));
}

#[tokio::test]
async fn statistics_have_the_fields_programs_know_under_every_filter() {
    let pbx = pbx().await;
    let (src, _) = four(&pbx).await;
    let admin = pbx.admin().await;
    let told = admin
        .get(&format!("/api/cdr/stats?extension={src}"))
        .await
        .expect(200);
    has_shape(
        &told,
        "total_calls:int answered_calls:int missed_calls:int busy_calls:int failed_calls:int total_duration:int total_billsec:int
         avg_duration:number avg_billsec:number calls_today:int calls_this_week:int calls_this_month:int incoming_calls:int
         outgoing_calls:int internal_calls:int",
    );
    let numbers = [
        "total_calls",
        "answered_calls",
        "missed_calls",
        "busy_calls",
        "failed_calls",
        "total_duration",
        "total_billsec",
    ];
    let numbers: Vec<i64> = numbers
        .iter()
        .filter_map(|name| told[*name].as_i64())
        .collect();
    assert_eq!(numbers, [4, 1, 1, 1, 1, 120, 25], "{told}");
    assert_eq!(
        (&told["avg_duration"], &told["avg_billsec"]),
        (&json!(30.0), &json!(25.0))
    );
    let path = format!(
        "/api/cdr/stats?extension={src}&date_from=2011-05-02T00:00:00&date_to=2011-05-03T10:00:00&charts=true"
    );
    let told = admin.get(&path).await.expect(200);
    assert_eq!(told["total_calls"], 2, "{told}");
    let days: Vec<&Value> = told["charts"]["days"]
        .as_array()
        .expect("days")
        .iter()
        .map(|bar| &bar["at"])
        .collect();
    assert_eq!(days, ["2011-05-02", "2011-05-03"], "{told}");
    // Noon in the zone of the people.
    assert_eq!(told["charts"]["hours"][0]["at"], 12, "{told}");
}

#[tokio::test]
async fn the_history_is_exported_as_a_whole_and_without_formulas() {
    let pbx = pbx().await;
    let (src, dst) = (pbx.free_number(), pbx.free_number());
    let many: Vec<(&str, u32, &str, u32)> = (0..8)
        .map(|n| (dst.as_str(), 1 + n, "ANSWERED", n))
        .collect();
    calls(&pbx, &src, &many).await;
    let owner = pbx.owner().await;
    // More than are read at once.
    owner.does(&format!(
        "insert into cdr (src, dst, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition, uniqueid, linkedid, sequence)
         select '{src}', '{dst}', 'PJSIP/{src}-1', 'PJSIP/{dst}-2', 'Dial', timestamp '2011-06-01' + n % 400 * interval '1 second',
                timestamp '2011-06-02', 9, 5, 'ANSWERED', 'x{src}.' || n, 'x{src}.' || n, n from generate_series(1, 2500) n"
    ));
    let admin = pbx.admin().await;
    let path = format!("/api/cdr/export?extension={src}");
    let (status, headers, bytes) = admin.bytes(Method::GET, &path, |request| request).await;
    assert_eq!(status, 200);
    let kind = headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    assert!(
        kind.is_some_and(|kind| kind.starts_with("text/csv")),
        "{kind:?}"
    );
    let text = String::from_utf8(bytes).expect("UTF-8");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 1 + 2500 + 8);
    assert_eq!(
        lines[0],
        "id,call_date,direction,src,src_name,dst,disposition,duration,billsec,legs,linkedid"
    );
    let ids: std::collections::HashSet<&str> = lines[1..]
        .iter()
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(ids.len(), 2508, "each once");
    assert!(lines[2508].contains(",'=cmd|x,"), "{}", lines[2508]);

    let visitor = pbx.visitor("de").await;
    let page = visitor
        .open(&format!(
            "/calls/export?extension={src}&from=2011-05-01&to=2011-05-31"
        ))
        .await
        .expect(200);
    let lines: Vec<&str> = page.html.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines[0],
        "Beginn;Richtung;Von;Name des Anrufers;An;Ergebnis;Gespräch (s);Gesamt (s)"
    );
    assert_eq!(lines.len(), 9);
    assert_eq!(
        lines[1],
        format!("08.05.2011 12:00:00;Intern;{src};'=cmd|x;{dst};Angenommen;7;30")
    );
}

#[tokio::test]
async fn a_user_sees_the_own_calls_and_no_others_in_all_of_it() {
    let pbx = pbx().await;
    let (src, dst) = four(&pbx).await;
    let other = pbx.free_number();
    calls(
        &pbx,
        &other,
        &[(&src, 9, "ANSWERED", 3), ("0301234", 9, "BUSY", 0)],
    )
    .await;
    let admin = pbx.admin().await;
    admin
        .post("/api/peers/", &json!({"extension": other}))
        .await
        .expect(200);
    let person = pbx.person("user").await;
    let mine = json!({"user_id": person.id});
    admin
        .patch(&format!("/api/peers/{other}/user"), &mine)
        .await
        .expect(200);
    let own = pbx.anonymous().log_in(&person.name, ADMIN_PASSWORD).await;
    let list = own.get("/api/cdr/").await.expect(200);
    assert_eq!(list.as_array().map(Vec::len), Some(2), "{list}");
    assert_eq!(own.get("/api/cdr/count").await.expect(200)["count"], 2);
    assert_eq!(
        own.get("/api/cdr/stats").await.expect(200)["total_calls"],
        2
    );
    assert_eq!(own.get("/api/cdr/recent").await.expect(200)["count"], 2);
    let (_, _, bytes) = own
        .bytes(Method::GET, "/api/cdr/export", |request| request)
        .await;
    assert_eq!(String::from_utf8_lossy(&bytes).lines().count(), 3);
    for query in [
        format!("extension={src}"),
        format!("src={src}&dst={dst}"),
        format!("extension={dst}"),
    ] {
        let list = own.get(&format!("/api/cdr/?{query}")).await.expect(200);
        assert_eq!(list, json!([]), "{query}");
        let told = own
            .get(&format!("/api/cdr/stats?{query}&charts=true"))
            .await
            .expect(200);
        assert_eq!(told["total_calls"], 0, "{query}");
        assert_eq!(told["charts"]["days"], json!([]), "{query}");
    }
    let anonymous = pbx.anonymous();
    for path in ["/api/cdr/stats", "/api/cdr/export", "/api/cdr/count"] {
        assert_eq!(anonymous.get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn calls_are_forgotten_after_the_days_that_were_set() {
    let pbx = own_pbx("forgetting").await;
    let admin = pbx.admin().await;
    for wrong in ["0", "-1", "3654", "ten", "1.5"] {
        let answer = admin
            .put("/api/settings/", &json!({"history_days": wrong}))
            .await;
        assert_eq!(
            answer.errors("history_days"),
            ["out_of_range"],
            "{wrong}: {}",
            answer.text
        );
    }
    let owner = pbx.owner().await;
    // 500 calls of two legs each, the older half of them before the day that is set.
    owner.does(
        "insert into cdr (src, dst, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition, uniqueid, linkedid, sequence)
         select '1001', '0987' || n, 'PJSIP/1001-1', 'PJSIP/1002-2', 'Dial', at, at, 9, 5, 'ANSWERED', 'old.' || n, 'old.' || n, leg
           from generate_series(1, 500) n, generate_series(0, 1) leg,
                lateral (select now() at time zone 'UTC' - interval '1 day' * case when n <= 250 then 40 else 20 end as at) t",
    );
    let saved = admin
        .put("/api/settings/", &json!({"history_days": "30"}))
        .await
        .expect(200);
    assert_eq!(saved["history_days"], "30");
    // It is looked at every minute; a restart looks at once.
    pbx.stop(Part::Server).await;
    pbx.begin(Part::Server).await;
    let admin = pbx.anonymous().log_in("admin", ADMIN_PASSWORD).await;
    eventually("old calls are gone", || async {
        let told = admin.get("/api/cdr/stats").await.expect(200);
        (told["total_calls"] == 250 && told["total_billsec"] == 1250).then_some(())
    })
    .await;
    let legs = owner
        .count("select count(*) from cdr where linkedid like 'old.%'", &[])
        .await;
    assert_eq!(legs, 500);
    eventually("their numbers are gone", || async {
        let numbers = owner
            .count(
                "select count(*) from pbx.call_number where number like '0987%'",
                &[],
            )
            .await;
        (numbers == 250).then_some(())
    })
    .await;
    let cleared = admin
        .put("/api/settings/", &json!({"history_days": ""}))
        .await
        .expect(200);
    assert_eq!(cleared["history_days"], "");
    let page = pbx.visitor("en").await.open("/settings").await.expect(200);
    assert!(page.html.contains("name=\"history_days\""));
}
