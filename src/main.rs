//! The command line.

use std::process::ExitCode;

use clap::Parser;
use gonopbx::boot;
use gonopbx::config::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let (filter, json) = match &cli.command {
        Command::Serve(config) => (config.log.clone(), config.log_json),
        Command::Migrate(_) | Command::Doctor(_) | Command::Import(_) => ("warn".to_owned(), false),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.init();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(async {
        match cli.command {
            Command::Serve(config) => boot::serve(*config).await.map(|()| ExitCode::SUCCESS),
            Command::Migrate(database) => {
                boot::migrate(&database).await.map(|()| ExitCode::SUCCESS)
            }
            Command::Doctor(config) => gonopbx::doctor::run(&config).await,
            Command::Import(import) => gonopbx::takeover::run(&import).await,
        }
    });
    ended.unwrap_or_else(|error| {
        tracing::error!("{error}");
        let mut cause = error.source();
        while let Some(deeper) = cause {
            tracing::error!("because: {deeper}");
            cause = deeper.source();
        }
        ExitCode::FAILURE
    })
}
