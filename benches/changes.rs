//! What one change costs, with few and with many extensions present, beside a bare commit of one row.

use std::time::Instant;

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::http::Connection;
use crate::report::{Report, Samples};
use crate::stack::Stack;
use crate::{Outcome, SIZES, postgres};

const WARM_UP: u32 = 20;
const ROUNDS: u32 = 250;

struct Site {
    connection: Connection,
    pool: PgPool,
    bare: Samples,
    post: Samples,
    put: Samples,
    delete: Samples,
    not_live: u32,
}

pub async fn measure(report: &mut Report, stacks: &[&Stack; 3]) -> Outcome<()> {
    let mut sites = Vec::new();
    for stack in stacks {
        let pool = postgres::pool(stack).await?;
        sqlx::raw_sql(
            "create schema bench; create table bench.scratch (id bigserial primary key, word text not null)",
        )
        .execute(&pool)
        .await?;
        sites.push(Site {
            connection: stack.connect().await?,
            pool,
            bare: Samples::default(),
            post: Samples::default(),
            put: Samples::default(),
            delete: Samples::default(),
            not_live: 0,
        });
    }
    for round in 0..WARM_UP + ROUNDS {
        if round == WARM_UP {
            for site in &mut sites {
                site.forget();
            }
        }
        // In turns, and not always in the same order.
        let start = usize::try_from(round)? % sites.len();
        for n in 0..sites.len() {
            let at = (start + n) % sites.len();
            sites[at].change(90_001 + round).await?;
        }
    }
    for (site, size) in sites.iter().zip(SIZES) {
        site.tell(report, size);
    }
    let ratio = |what: fn(&Site) -> &Samples| what(&sites[2]).p50() / what(&sites[0]).p50();
    let flat = ratio(|site| &site.post);
    report.goal(
        "POST, 10,000 extensions against 10 (p50)",
        "<= 1.5 x",
        flat <= 1.5,
        format_args!("{flat:.2} x"),
    );
    let (put, delete) = (ratio(|site| &site.put), ratio(|site| &site.delete));
    report.note(
        "PUT and DELETE, 10,000 extensions against 10 (p50)",
        format_args!("{put:.2} x, {delete:.2} x"),
    );
    let not_live: u32 = sites.iter().map(|site| site.not_live).sum();
    let answers = 3 * ROUNDS * u32::try_from(sites.len())?;
    report.goal(
        "changes that were not live when they were answered",
        "0",
        not_live == 0,
        format_args!("{not_live} of {answers}"),
    );
    Ok(())
}

impl Site {
    fn tell(&self, report: &mut Report, extensions: u32) {
        let times = self.post.p50() / self.bare.p50();
        report.note(
            &format!("bare commit of one row, {extensions} extensions"),
            &self.bare,
        );
        report.note(
            &format!("POST /api/peers/, {extensions} extensions"),
            &self.post,
        );
        report.goal(
            &format!("POST against a bare commit (p50), {extensions} extensions"),
            "<= 5 x",
            times <= 5.0,
            format_args!("{times:.2} x"),
        );
        report.note(
            &format!("PUT /api/peers/n, {extensions} extensions"),
            &self.put,
        );
        report.note(
            &format!("DELETE /api/peers/n, {extensions} extensions"),
            &self.delete,
        );
    }

    fn forget(&mut self) {
        self.bare = Samples::default();
        self.post = Samples::default();
        self.put = Samples::default();
        self.delete = Samples::default();
        self.not_live = 0;
    }

    async fn change(&mut self, number: u32) -> Outcome<()> {
        let start = Instant::now();
        sqlx::query("insert into bench.scratch (word) values ($1)")
            .bind("one row")
            .execute(&self.pool)
            .await?;
        self.bare.add(start.elapsed());

        let start = Instant::now();
        let draft = json!({"extension": number.to_string(), "caller_id": "Émile Measured"});
        let made = self.connection.json("POST", "/api/peers/", &draft).await?;
        self.post.add(start.elapsed());

        let path = format!("/api/peers/{number}");
        let start = Instant::now();
        let renamed = json!({"caller_id": "Émile Measured Again"});
        let saved = self.connection.json("PUT", &path, &renamed).await?;
        self.put.add(start.elapsed());

        let start = Instant::now();
        let gone = self.connection.json("DELETE", &path, &Value::Null).await?;
        self.delete.add(start.elapsed());

        let answers = [made, saved, gone];
        let not_live = answers.iter().filter(|answer| answer["live"] != true);
        self.not_live += u32::try_from(not_live.count())?;
        Ok(())
    }
}
