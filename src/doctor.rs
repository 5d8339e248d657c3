//! `gonopbx doctor`: looks at every part and says in one line each what is wrong and what to do.

use std::process::ExitCode;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::ami;
use crate::app::{cdr, dialplan, settings, start_files};
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
    findings.extend(asterisk(config).await?);
    findings.push(spool(config));
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

async fn asterisk(config: &Config) -> BootResult<Vec<Finding>> {
    let stop = CancellationToken::new();
    let settings = ami::Config::new(&config.ami_address, &config.ami_user, config.ami_secret()?);
    let (ami, mut events, connection) = ami::connect(settings, stop.clone());
    let mut state = ami.watch();
    let connected = async {
        // The last state says why, when it never connects.
        drop(state.wait_for(ami::State::is_connected).await);
    };
    let asked = async {
        connected.await;
        match ami.state() {
            ami::State::Connected { .. } => Some(start_files(&ami).await),
            ami::State::Away { .. } => None,
        }
    };
    let (wrong, files) = tokio::select! {
        () = connection.run() => (Some(away(&ami)), None),
        files = asked => (None, files),
        // Asterisk's answers come behind its events.
        () = async { while events.recv().await.is_some() {} } => (Some(away(&ami)), None),
        () = tokio::time::sleep(Duration::from_secs(5)) => (Some(away(&ami)), None),
    };
    stop.cancel();
    let part = "asterisk";
    Ok([Some(Finding { part, wrong }), files]
        .into_iter()
        .flatten()
        .collect())
}

fn away(ami: &ami::Ami) -> String {
    let reason = match ami.state() {
        ami::State::Connected { .. } => "does not answer".to_owned(),
        ami::State::Away { reason, .. } => reason.to_string(),
    };
    format!(
        "{reason}: check that Asterisk runs and GONOPBX_AMI_ADDRESS, GONOPBX_AMI_USER and GONOPBX_AMI_SECRET"
    )
}

/// Asked over the connection that the first answer holds open.
async fn start_files(ami: &ami::Ami) -> Finding {
    let wrong = match start_files::outdated(ami).await {
        Ok(missing) if missing.is_empty() => None,
        Ok(missing) => Some(format!(
            "Asterisk was started before an upgrade and does not ask for {}: restart it (Settings, or `docker compose restart asterisk`)",
            missing.join(", ")
        )),
        Err(failure) => Some(format!(
            "Asterisk does not tell what it was started with ({failure}): restart it"
        )),
    };
    Finding {
        part: "start-up files",
        wrong,
    }
}

fn spool(config: &Config) -> Finding {
    let wrong = match &config.cdr_spool {
        None => Some(
            "GONOPBX_CDR_SPOOL is not set: calls that end while the database is away may be lost"
                .to_owned(),
        ),
        Some(folder) => match cdr::look_at_spool(folder) {
            Ok(0) => None,
            Ok(lines) => Some(format!(
                "{lines} lines are no calls: look at {} and remove it",
                cdr::unreadable(folder).display()
            )),
            Err(error) => Some(format!(
                "{} cannot be used ({error}): check GONOPBX_CDR_SPOOL and who may read and write there",
                folder.display()
            )),
        },
    };
    Finding {
        part: "finished calls",
        wrong,
    }
}
