//! The one way to configure: environment variables and flags. Each secret may also come from a file.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;

const DNS_PORT: u16 = 53;

#[derive(Debug, Parser)]
#[command(
    name = "gonopbx",
    version,
    about = "A telephone system on PostgreSQL and Asterisk"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server; brings the database schema up to date first
    Serve(Box<Config>),
    /// Bring the database schema up to date, and end
    Migrate(Database),
    /// Say what is wrong, and what to do
    Doctor(Box<Config>),
    /// Take over what an existing GonoPBX 2 has; may be repeated
    Import(Box<Import>),
}

#[derive(Debug, Args)]
pub struct Database {
    /// Where PostgreSQL is: postgres://gonopbx:password@host:port/database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<SecretString>,
    /// A file with the same
    #[arg(long, env = "DATABASE_URL_FILE")]
    database_url_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Its database: postgres://user:password@host:port/database; it is only read
    #[arg(env = "GONOPBX_SOURCE_URL", hide_env_values = true)]
    pub source: SecretString,
    #[command(flatten)]
    pub database: Database,
    /// Only say what would become of each object
    #[arg(long)]
    pub dry_run: bool,
    /// Name server for providers' host names, `address[:port]`; the system's when empty
    #[arg(long, env = "GONOPBX_DNS_SERVER", default_value = "")]
    dns_server: String,
}

impl Import {
    pub fn dns_server(&self) -> Result<Option<SocketAddr>, ConfigError> {
        name_server(&self.dns_server)
    }
}

#[derive(Debug, Args)]
pub struct Config {
    #[command(flatten)]
    pub database: Database,
    /// Address to listen at for browsers and the API
    #[arg(long, env = "GONOPBX_HTTP_HOST", default_value = "0.0.0.0")]
    pub http_host: IpAddr,
    #[arg(long, env = "GONOPBX_HTTP_PORT", default_value_t = 3000)]
    pub http_port: u16,
    /// Asterisk's manager interface
    #[arg(long, env = "GONOPBX_AMI_ADDRESS", default_value = "127.0.0.1:5038")]
    pub ami_address: String,
    #[arg(long, env = "GONOPBX_AMI_USER", default_value = "gonopbx")]
    pub ami_user: String,
    #[arg(long, env = "GONOPBX_AMI_SECRET", hide_env_values = true)]
    ami_secret: Option<SecretString>,
    #[arg(long, env = "GONOPBX_AMI_SECRET_FILE")]
    ami_secret_file: Option<PathBuf>,
    /// The folder where Asterisk writes a line for each finished leg of a call, to be read after a gap
    #[arg(long, env = "GONOPBX_CDR_SPOOL")]
    pub cdr_spool: Option<PathBuf>,
    /// Where phones register: shown to people
    #[arg(long, env = "GONOPBX_SIP_ADDRESS", default_value = "127.0.0.1:5060")]
    pub sip_address: String,
    /// Signs sessions, at least 32 bytes; generated and kept in the database when not given
    #[arg(long, env = "GONOPBX_JWT_SECRET", hide_env_values = true)]
    jwt_secret: Option<SecretString>,
    #[arg(long, env = "GONOPBX_JWT_SECRET_FILE")]
    jwt_secret_file: Option<PathBuf>,
    /// The first admin's password; generated and printed once when not given
    #[arg(long, env = "GONOPBX_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: Option<SecretString>,
    #[arg(long, env = "GONOPBX_ADMIN_PASSWORD_FILE")]
    admin_password_file: Option<PathBuf>,
    /// Language of pages for browsers that ask for none we have
    #[arg(long, env = "GONOPBX_LANGUAGE", default_value = "de")]
    pub language: String,
    #[arg(long, env = "GONOPBX_TIMEZONE", default_value = "Europe/Berlin")]
    pub timezone: chrono_tz::Tz,
    /// Cookies only over HTTPS; set it when a proxy speaks HTTPS for us
    #[arg(long, env = "GONOPBX_SECURE_COOKIES")]
    pub secure_cookies: bool,
    /// Web pages of other origins that may use the REST API from a browser: `https://a.example,https://b.example`; none
    /// when empty
    #[arg(long, env = "GONOPBX_CORS_ORIGINS", default_value = "")]
    cors_origins: String,
    /// Name server for providers' host names, `address[:port]`; the system's when empty
    #[arg(long, env = "GONOPBX_DNS_SERVER", default_value = "")]
    dns_server: String,
    /// Seconds after which the addresses of providers are looked up again
    #[arg(long, env = "GONOPBX_NAME_REFRESH", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub name_refresh: u64,
    /// Log lines as JSON
    #[arg(long, env = "GONOPBX_LOG_JSON")]
    pub log_json: bool,
    /// What to log, as in `info,gonopbx::ami=debug`
    #[arg(long, env = "GONOPBX_LOG", default_value = "info")]
    pub log: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} is not set, and neither is {0}_FILE")]
    Missing(&'static str),
    #[error("{0} and {0}_FILE are both set: give one")]
    Both(&'static str),
    #[error("{name}_FILE: {path} cannot be read")]
    Unreadable {
        name: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("GONOPBX_DNS_SERVER is \"{0}\": write it as 192.0.2.53 or 192.0.2.53:53")]
    NameServer(String),
    #[error(
        "GONOPBX_CORS_ORIGINS has \"{0}\": write an origin as https://name or https://name:port, without a path"
    )]
    Origin(String),
    #[error("GONOPBX_JWT_SECRET has less than 32 bytes")]
    ShortKey,
}

fn secret(
    name: &'static str,
    value: Option<&SecretString>,
    file: Option<&PathBuf>,
) -> Result<Option<SecretString>, ConfigError> {
    use secrecy::ExposeSecret;
    let value = value.filter(|secret| !secret.expose_secret().is_empty());
    match (value, file) {
        (Some(_), Some(_)) => Err(ConfigError::Both(name)),
        (Some(value), None) => Ok(Some(value.clone())),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(|text| {
                Some(SecretString::from(
                    text.trim_end_matches(['\r', '\n']).to_owned(),
                ))
            })
            .map_err(|source| ConfigError::Unreadable {
                name,
                path: path.clone(),
                source,
            }),
        (None, None) => Ok(None),
    }
}

impl Database {
    pub fn url(&self) -> Result<SecretString, ConfigError> {
        let name = "DATABASE_URL";
        secret(
            name,
            self.database_url.as_ref(),
            self.database_url_file.as_ref(),
        )?
        .ok_or(ConfigError::Missing(name))
    }
}

impl Config {
    pub fn dns_server(&self) -> Result<Option<SocketAddr>, ConfigError> {
        name_server(&self.dns_server)
    }

    /// As browsers send them.
    pub fn cors_origins(&self) -> Result<Vec<String>, ConfigError> {
        origins(&self.cors_origins)
    }

    pub fn ami_secret(&self) -> Result<SecretString, ConfigError> {
        let name = "GONOPBX_AMI_SECRET";
        secret(
            name,
            self.ami_secret.as_ref(),
            self.ami_secret_file.as_ref(),
        )?
        .ok_or(ConfigError::Missing(name))
    }

    pub fn jwt_secret(&self) -> Result<Option<SecretString>, ConfigError> {
        use secrecy::ExposeSecret;
        let key = secret(
            "GONOPBX_JWT_SECRET",
            self.jwt_secret.as_ref(),
            self.jwt_secret_file.as_ref(),
        )?;
        match key {
            Some(key) if key.expose_secret().len() < crate::app::tokens::KEY_LENGTH => {
                Err(ConfigError::ShortKey)
            }
            key => Ok(key),
        }
    }

    pub fn admin_password(&self) -> Result<Option<SecretString>, ConfigError> {
        let (value, file) = (
            self.admin_password.as_ref(),
            self.admin_password_file.as_ref(),
        );
        secret("GONOPBX_ADMIN_PASSWORD", value, file)
    }
}

fn name_server(text: &str) -> Result<Option<SocketAddr>, ConfigError> {
    if text.is_empty() {
        return Ok(None);
    }
    let with_port = text.parse().or_else(|_| {
        let address: Result<IpAddr, _> = text.parse();
        address.map(|address| SocketAddr::new(address, DNS_PORT))
    });
    with_port
        .map(Some)
        .map_err(|_| ConfigError::NameServer(text.to_owned()))
}

fn origins(text: &str) -> Result<Vec<String>, ConfigError> {
    let listed = text
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty());
    listed
        .map(|origin| {
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            let plain =
                |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
            match host {
                Some(host) if !host.is_empty() && host.bytes().all(plain) => {
                    Ok(origin.to_ascii_lowercase())
                }
                _ => Err(ConfigError::Origin(origin.to_owned())),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        assert_eq!(origins(" ").ok(), Some(Vec::new()));
        assert_eq!(
            origins("https://UI.example, http://127.0.0.1:5173").ok(),
            Some(vec![
                "https://ui.example".into(),
                "http://127.0.0.1:5173".into()
            ])
        );
        for wrong in ["*", "ui.example", "https://", "https://ui.example/", "null"] {
            assert!(origins(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_server_may_have_a_port_or_none() {
        let read = |text| name_server(text).map(|server| server.map(|server| server.to_string()));
        assert_eq!(read("").ok(), Some(None));
        assert_eq!(read("192.0.2.53").ok(), Some(Some("192.0.2.53:53".into())));
        assert_eq!(
            read("192.0.2.53:5353").ok(),
            Some(Some("192.0.2.53:5353".into()))
        );
        assert!(read("dns.example").is_err());
    }
}
