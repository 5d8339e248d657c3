//! What the change of a route, an outgoing and an incoming call cost, with as many numbers that lead somewhere as there are
//! extensions. The provider is a double on this machine, known by its address.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::filler::first_of;
use crate::http::{Connection, cookie};
use crate::phone::Phone;
use crate::postgres::{Sender, Trace};
use crate::report::{Report, Samples};
use crate::stack::Stack;
use crate::{Outcome, SIZES, postgres};

const WARM_UP: u32 = 20;
const CHANGES: u32 = 250;
const CALLS: u32 = 150;
/// Calls whose statements are counted.
const COUNTED: u32 = 20;
const PAGES: u32 = 50;
const TALKING: Duration = Duration::from_millis(20);
/// At the first REGISTER of an extension that was made while it runs, Asterisk reads all endpoints.
const LONG: Duration = Duration::from_secs(15);

/// The extension with the phone.
const DESK: &str = "88001";
const OUTSIDE: &str = "030123456";
/// The contract has ten thousand numbers, of which the first lead somewhere.
const BLOCK: &str = "04215000000-04215009999";
const OWN_NUMBER: &str = "+494216000000";
const FIRST_CHANGED: u64 = 494_217_000_000;

/// As many routes as extensions, in SQL, with the rows that the server would make of them.
const ROUTES: [&str; 3] = [
    "insert into pbx.did_route (did, trunk_id, extension)
     select '+' || 494215000000 + (n - $1), $3, n::text from generate_series($1::bigint, $2) n",
    "insert into extensions (context, exten, priority, app, appdata)
     select 'from-trunk', '+' || 494215000000 + (n - $1), 1, 'Gosub', format('pbx-did,s,1(%s,pbx-ring,%s,20)', $3::bigint, n)
       from generate_series($1::bigint, $2) n",
    "update ps_endpoints set set_var = format('PBX_OUT_DID=+%s;PBX_OUT_TRUNK=%s', 494215000000 + (n - $1), $3::bigint)
       from generate_series($1::bigint, $2) n where id = n::text",
];

struct Site<'s> {
    stack: &'s Stack,
    size: u32,
    connection: Connection,
    trunk: i64,
    phone: Phone,
    provider: Phone,
    took: Took,
}

#[derive(Default)]
struct Took {
    post: Samples,
    put: Samples,
    delete: Samples,
    outgoing: Samples,
    incoming: Samples,
    not_live: u32,
}

pub async fn measure(report: &mut Report, stacks: &[&Stack; 3]) -> Outcome<()> {
    let mut sites = Vec::new();
    for (stack, size) in stacks.iter().zip(SIZES) {
        sites.push(Site::make(stack, size).await?);
    }
    changes(report, &mut sites).await?;
    calls(report, &mut sites).await?;
    lookups(report, &sites).await?;
    for site in &sites {
        let what = format!("page of numbers, {} of 10,000 lead somewhere", site.size);
        report.note(&what, site.page().await?);
    }
    Ok(())
}

/// Each site in turns, and not always in the same order.
fn turns(rounds: u32, sites: usize) -> impl Iterator<Item = (u32, usize)> {
    (0..rounds)
        .zip(0..)
        .flat_map(move |(round, start): (u32, usize)| {
            (0..sites).map(move |n| (round, (start + n) % sites))
        })
}

async fn changes(report: &mut Report, sites: &mut [Site<'_>]) -> Outcome<()> {
    for (round, at) in turns(WARM_UP, sites.len()) {
        sites[at].change(round).await?;
    }
    for site in &mut *sites {
        site.took = Took::default();
    }
    for (round, at) in turns(CHANGES, sites.len()) {
        sites[at].change(WARM_UP + round).await?;
    }
    tell(report, "POST /api/routes/", sites, |took| &took.post);
    tell(report, "PUT /api/routes/n", sites, |took| &took.put);
    tell(report, "DELETE /api/routes/n", sites, |took| &took.delete);
    let not_live: u32 = sites.iter().map(|site| site.took.not_live).sum();
    let answers = 3 * CHANGES * u32::try_from(sites.len())?;
    report.goal(
        "changes of routes that were not live when they were answered",
        "0",
        not_live == 0,
        format_args!("{not_live} of {answers}"),
    );
    Ok(())
}

async fn calls(report: &mut Report, sites: &mut [Site<'_>]) -> Outcome<()> {
    for (round, at) in turns(WARM_UP + CALLS, sites.len()) {
        let site = &mut sites[at];
        let (out, incoming) = (site.calls_out().await?, site.is_called().await?);
        if round >= WARM_UP {
            site.took.outgoing.add(out);
            site.took.incoming.add(incoming);
        }
    }
    let what = "outgoing call, INVITE to 180";
    tell(report, what, sites, |took| &took.outgoing);
    let what = "incoming call, INVITE to 180";
    tell(report, what, sites, |took| &took.incoming);
    Ok(())
}

/// What Asterisk reads for a whole call.
async fn lookups(report: &mut Report, sites: &[Site<'_>]) -> Outcome<()> {
    for (what, is_outgoing) in [
        ("SQL lookups per outgoing call", true),
        ("SQL lookups per incoming call", false),
    ] {
        let mut counts = Vec::new();
        for site in sites {
            let mut trace = Trace::start(site.stack)?;
            let counted = site.lookups(&mut trace, is_outgoing).await;
            // Afterwards the log must not go on growing, whatever happened.
            trace.stop()?;
            let count = counted?;
            let title = format!("{what}, {} extensions and routes", site.size);
            report.note(&title, format_args!("{count:.2}"));
            counts.push(count);
        }
        flat(report, what, counts[2] / counts[0]);
    }
    Ok(())
}

/// Each size with its ratio to the smallest, and whether the largest reaches the goal.
fn tell(report: &mut Report, what: &str, sites: &[Site<'_>], of: fn(&Took) -> &Samples) {
    let ratio = |site: &Site<'_>| of(&site.took).p50() / of(&sites[0].took).p50();
    for site in sites {
        let title = format!("{what}, {} extensions and routes", site.size);
        report.note(
            &title,
            format_args!("{}, {:.2} x", of(&site.took), ratio(site)),
        );
    }
    flat(report, &format!("{what} (p50)"), ratio(&sites[2]));
}

fn flat(report: &mut Report, what: &str, ratio: f64) {
    report.goal(
        &format!("{what}, 10,000 against 10"),
        "<= 1.5 x",
        ratio <= 1.5,
        format_args!("{ratio:.2} x"),
    );
}

/// The numbers of the contract, one for each extension as far as they go.
async fn lead(stack: &Stack, size: u32, trunk: i64) -> Outcome<()> {
    let first = i64::from(first_of(size));
    let pool = postgres::pool(stack).await?;
    let mut transaction = pool.begin().await?;
    for rows in ROUTES {
        sqlx::query(rows)
            .bind(first)
            .bind(first + i64::from(size) - 1)
            .bind(trunk)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    for table in ["pbx.did_route", "extensions", "ps_endpoints", "pbx.change"] {
        stack.superuser(&format!("vacuum analyze {table}"))?;
    }
    Ok(())
}

impl<'s> Site<'s> {
    async fn make(stack: &'s Stack, size: u32) -> Outcome<Self> {
        let mut connection = stack.connect().await?;
        let server = stack.sip().into();
        // An address of its own: phones must not be taken for the provider.
        let ip = format!("127.4.0.{}", size.ilog10());
        let provider = Phone::at(&ip, server, OUTSIDE, "").await?;
        let draft = json!({
            "name": "Measured", "provider": "custom", "auth_mode": "ip", "number_block": BLOCK,
            "sip_server": provider.address().to_string(),
        });
        let made = connection.json("POST", "/api/trunks/", &draft).await?;
        let trunk = made["id"].as_i64().ok_or("a trunk without an id")?;
        lead(stack, size, trunk).await?;

        let draft = json!({"extension": DESK});
        let made = connection.json("POST", "/api/peers/", &draft).await?;
        let secret = made["secret"].as_str().unwrap_or_default();
        let phone = Phone::new(server, DESK, secret).await?;
        phone.register_within(LONG).await?;
        let own = json!({"did": OWN_NUMBER, "trunk_id": trunk, "destination_extension": DESK});
        connection.json("POST", "/api/routes/", &own).await?;
        Ok(Self {
            stack,
            size,
            connection,
            trunk,
            phone,
            provider,
            took: Took::default(),
        })
    }

    /// A number is given to an extension, then to another, and taken away.
    async fn change(&mut self, round: u32) -> Outcome<()> {
        let did = format!("+{}", FIRST_CHANGED + u64::from(round));
        let [first, second] = [0, 1].map(|n| (first_of(self.size) + n).to_string());
        let start = Instant::now();
        let draft = json!({"did": did, "trunk_id": self.trunk, "destination_extension": first});
        let made = self.connection.json("POST", "/api/routes/", &draft).await?;
        self.took.post.add(start.elapsed());

        let path = format!("/api/routes/{}", made["id"]);
        let start = Instant::now();
        let moved = json!({"destination_extension": second});
        let saved = self.connection.json("PUT", &path, &moved).await?;
        self.took.put.add(start.elapsed());

        let start = Instant::now();
        let gone = self.connection.json("DELETE", &path, &Value::Null).await?;
        self.took.delete.add(start.elapsed());

        let answers = [made, saved, gone];
        let not_live = answers.iter().filter(|answer| answer["live"] != true);
        self.took.not_live += u32::try_from(not_live.count())?;
        Ok(())
    }

    async fn calls_out(&self) -> Outcome<Duration> {
        Ok(self.phone.call(OUTSIDE, TALKING, || {}).await?.rang_after)
    }

    async fn is_called(&self) -> Outcome<Duration> {
        let called = self.provider.call(OWN_NUMBER, TALKING, || {});
        Ok(called.await?.rang_after)
    }

    async fn lookups(&self, trace: &mut Trace<'_>, is_outgoing: bool) -> Outcome<f64> {
        let before = trace.quiet().await?;
        for _ in 0..COUNTED {
            if is_outgoing {
                self.calls_out().await?;
            } else {
                self.is_called().await?;
            }
        }
        let after = trace.quiet().await?;
        let lookups = trace.between(before, after, Sender::AsteriskLookup)?;
        Ok(f64::from(u32::try_from(lookups.len())?) / f64::from(COUNTED))
    }

    /// The page of all numbers as a browser gets it.
    async fn page(&self) -> Outcome<Samples> {
        let who = cookie(self.stack.token());
        let mut browser = Connection::open(self.stack.http_port(), &who).await?;
        let mut samples = Samples::default();
        for _ in 0..PAGES {
            let start = Instant::now();
            let page = browser.ask("GET", "/numbers", "").await?;
            samples.add(start.elapsed());
            if page.status != 200 {
                return Err(format!("GET /numbers: {}", page.status).into());
            }
        }
        Ok(samples)
    }
}
