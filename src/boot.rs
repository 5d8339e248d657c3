//! Wiring: from the configuration to a running program, and its orderly end.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ami;
use crate::app::resolve::Names;
use crate::app::{App, Clock, Parts};
use crate::config::{Config, Database};
use crate::live::Hub;
use crate::store;
use crate::web::{self, Site};

pub type BootResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// More would not help on the few cores of a telephone system, and PostgreSQL pays for each.
pub const CONNECTIONS: u32 = 12;
/// For what follows the database and writes finished calls: it never waits for people's requests.
const LISTENING: u32 = 5;
/// How long the listener may take before pages are served without it.
const START: Duration = Duration::from_secs(5);
/// A connection idle for longer is asked whether it lives.
const FRESH: Duration = Duration::from_millis(200);
/// How long requests in progress may take to end.
const GRACE: Duration = Duration::from_secs(10);

/// Background work, waited for at the end.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    pub fn tracker(&self) -> TaskTracker {
        self.tracker.clone()
    }

    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(work);
    }

    pub async fn finish(&self) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(GRACE, self.tracker.wait())
            .await
            .is_err()
        {
            tracing::warn!("background work did not end in time");
        }
    }
}

/// A row that somebody holds, or a statement that does not end, must not take every connection with it.
pub fn pool(url: &SecretString, connections: u32) -> BootResult<PgPool> {
    let options: PgConnectOptions = url
        .expose_secret()
        .parse::<PgConnectOptions>()?
        .application_name("gonopbx")
        .options([
            ("lock_timeout", "2s"),
            ("statement_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ]);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(3))
        // A connection that was used a moment ago needs no question whether it lives; each would cost a round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
    Ok(pool.connect_lazy_with(options))
}

pub async fn migrate(database: &Database) -> BootResult<()> {
    bring_up_to_date(&pool(&database.url()?, 1)?).await
}

async fn bring_up_to_date(pool: &PgPool) -> BootResult<()> {
    let mut pause = Duration::from_millis(100);
    loop {
        match sqlx::migrate!("./migrations").run(pool).await {
            Ok(()) => return Ok(()),
            // A database that is not up yet is waited for; anything else is for a person to read.
            Err(sqlx::migrate::MigrateError::Execute(cause)) if is_away(&cause) => {
                tracing::warn!(error = %cause, "the database cannot be reached; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(3));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        // Shutting down or starting up.
        sqlx::Error::Database(refusal) => refusal.code().is_some_and(|c| c.starts_with("57P")),
        _ => false,
    }
}

/// Runs until a signal says stop.
pub async fn serve(config: Config) -> BootResult<()> {
    let url = config.database.url()?;
    let listening = pool(&url, LISTENING)?;
    let pool = pool(&url, CONNECTIONS)?;
    let (ami_secret, jwt_secret, admin_password) = (
        config.ami_secret()?,
        config.jwt_secret()?,
        config.admin_password()?,
    );
    let language = views::Lang::find(&config.language).ok_or_else(|| {
        let known: Vec<_> = views::Lang::all().map(views::Lang::code).collect();
        format!(
            "GONOPBX_LANGUAGE: {} is not one of {}",
            config.language,
            known.join(", ")
        )
    })?;
    bring_up_to_date(&pool).await?;
    let jwt_secret = match jwt_secret {
        Some(key) => key,
        None => kept_jwt_secret(&pool).await?,
    };

    let tasks = Tasks::default();
    let clock = Clock::system();
    let (ami, events, connection) = ami::connect(
        ami::Config::new(&config.ami_address, &config.ami_user, ami_secret),
        tasks.stop(),
    );
    let (hub, hub_task) = Hub::new(ami.clone(), events, move || clock.now());
    let languages = views::Lang::all().map(views::Lang::code).collect();
    let names = Names::new(config.dns_server()?)?;
    let app = App::new(Parts {
        pool,
        listening,
        ami,
        hub,
        clock,
        jwt_secret,
        languages,
        names,
        cdr_spool: config.cdr_spool.clone(),
    })
    .await?;
    let app = Arc::new(app);
    if let Some(password) = app.first_start(admin_password).await? {
        print_first_password(&password);
    }
    tasks.spawn(connection.run());
    tasks.spawn(hub_task.run(tasks.stop()));
    tasks.spawn(app.changes().run(tasks.stop()));
    tasks.spawn(app.changes().follow_asterisk(tasks.stop()));
    tasks.spawn(Arc::clone(&app).reconcile(tasks.stop()));
    tasks.spawn(Arc::clone(&app).keep_records(tasks.stop()));
    tasks.spawn(Arc::clone(&app).tidy(tasks.stop()));
    tasks.spawn(Arc::clone(&app).keep_history(tasks.stop()));
    tasks.spawn(Arc::clone(&app).say_farewell(tasks.stop()));
    tasks.spawn(Arc::clone(&app).forget_unwatched(tasks.stop()));
    let refresh = Duration::from_secs(config.name_refresh);
    tasks.spawn(Arc::clone(&app).follow_names(refresh, tasks.stop()));
    tasks.spawn(Arc::clone(&app).ask_providers(tasks.stop()));
    tasks.spawn(Arc::clone(&app).follow_codes(tasks.stop()));
    tasks.spawn(Arc::clone(&app).count_refused(tasks.stop()));
    tasks.spawn(Arc::clone(&app).follow_restart(tasks.stop()));
    let write = web::mail::writer(Arc::clone(&app), language, config.timezone);
    tasks.spawn(Arc::clone(&app).deliver_mails(write, tasks.stop()));

    // The first change is confirmed too; a database that hesitates must not keep the pages away.
    if tokio::time::timeout(START, app.listening()).await.is_err() {
        tracing::warn!("serving before the database's changes are followed");
    }
    let listener = TcpListener::bind((config.http_host, config.http_port))
        .await
        .map_err(|e| {
            format!(
                "cannot listen at {}:{}: {e}",
                config.http_host, config.http_port
            )
        })?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let site = Site::new(app, &config, language, tasks.stop(), tasks.tracker())?;
    // Not among the tasks that are waited for: it may wait for a second signal for ever.
    #[expect(clippy::disallowed_methods, reason = "ends with the program")]
    tokio::spawn(stop_signal(tasks.stop()));
    web::listen::serve(listener, web::router(site), tasks.stop()).await;
    tasks.finish().await;
    tracing::info!("stopped");
    Ok(())
}

async fn kept_jwt_secret(pool: &PgPool) -> BootResult<SecretString> {
    let fresh: String = (0..4)
        .map(|_| uuid::Uuid::new_v4().simple().to_string())
        .collect();
    let kept = store::settings::server_secret(&mut *pool.acquire().await?, "jwt", &fresh).await?;
    Ok(kept.into())
}

/// The only place where it can be read.
#[expect(
    clippy::print_stdout,
    reason = "a person who starts the server for the first time reads it here"
)]
fn print_first_password(password: &str) {
    println!(
        "\n  First login: user name admin, password {password}\n  It is shown only now, and must be changed at the first login.\n"
    );
}

/// A second signal ends the program at once.
async fn stop_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals =
        signal(SignalKind::terminate()).and_then(|t| Ok((t, signal(SignalKind::interrupt())?)));
    let (mut terminate, mut interrupt) = match signals {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "cannot listen for signals");
            return;
        }
    };
    for is_first in [true, false] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = async {
                stop.cancelled().await;
                // The wait for a second signal ends with the program.
                std::future::pending::<()>().await;
            }, if !is_first => {}
        }
        if is_first {
            tracing::info!("stopping");
            stop.cancel();
        }
    }
    tracing::warn!("stopped at once");
    std::process::exit(1);
}
