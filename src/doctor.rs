//! `gonopbx doctor`: looks at every part and says in one line each what is wrong and what to do.

use std::process::ExitCode;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::ami;
use crate::app::{dialplan, settings};
use crate::boot::{self, BootResult};
use crate::config::Config;

#[derive(Debug)]
struct Finding {
    part: &'static str,
    /// What is wrong and what to do about it.
    wrong: Option<String>,
}

pub async fn run(config: &Config) -> BootResult<ExitCode> {
    let mut findings = database(config).await?;
    findings.push(asterisk(config).await?);
    let mut healthy = true;
    for Finding { part, wrong } in findings {
        healthy &= wrong.is_none();
        say(part, wrong.as_deref().unwrap_or("ok"));
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn say(part: &str, state: &str) {
    println!("{part:<20} {state}");
}

async fn database(config: &Config) -> BootResult<Vec<Finding>> {
    let pool = boot::pool(&config.database.url()?, 2)?;
    if let Err(error) = pool.acquire().await {
        let wrong = format!("cannot be reached ({error}): start PostgreSQL and check DATABASE_URL");
        return Ok(vec![Finding {
            part: "database",
            wrong: Some(wrong),
        }]);
    }
    let wrong_rows = match dialplan::wrong_rows(
        &mut *pool.acquire().await?,
        &settings::load(&pool).await?,
    )
    .await
    {
        Ok(rows) if rows.is_empty() => None,
        Ok(rows) => {
            let some: Vec<_> = rows
                .iter()
                .take(5)
                .map(|(key, _)| key.exten.clone())
                .collect();
            Some(format!(
                "{} rows are not what follows from the extensions (such as {}): start the server, it mends them",
                rows.len(),
                some.join(", ")
            ))
        }
        Err(error) => Some(format!("cannot be read ({error}): run `gonopbx migrate`")),
    };
    Ok(vec![
        Finding {
            part: "database",
            wrong: None,
        },
        Finding {
            part: "dialplan rows",
            wrong: wrong_rows,
        },
    ])
}

async fn asterisk(config: &Config) -> BootResult<Finding> {
    let stop = CancellationToken::new();
    let settings = ami::Config::new(&config.ami_address, &config.ami_user, config.ami_secret()?);
    let (ami, _events, connection) = ami::connect(settings, stop.clone());
    let mut state = ami.watch();
    let connected = async {
        // The last state says why, when it never connects.
        drop(state.wait_for(ami::State::is_connected).await);
    };
    tokio::select! {
        () = connection.run() => {}
        () = connected => {}
        () = tokio::time::sleep(Duration::from_secs(5)) => {}
    }
    stop.cancel();
    let wrong = match ami.state() {
        ami::State::Connected { .. } => None,
        ami::State::Away { reason, .. } => Some(format!(
            "{reason}: check that Asterisk runs and GONOPBX_AMI_ADDRESS, GONOPBX_AMI_USER and GONOPBX_AMI_SECRET"
        )),
    };
    Ok(Finding {
        part: "asterisk",
        wrong,
    })
}
