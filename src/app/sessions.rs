//! Logging in and out, and who a request comes from.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::passwords::{Known, is_bcrypt};
use super::tokens::Claims;
use super::work::Proof;
use super::{App, Error, Result, dialplan};
use crate::domain::user::{PASSWORD_LENGTH, User};
use crate::domain::{Act, Actor};
use crate::store;
use crate::store::sessions::NewSession;

/// How long a token is good.
pub const LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How long after the password the second factor may be entered.
const SECOND_STEP: TimeDelta = TimeDelta::minutes(5);
const USERNAME_LENGTH: usize = 50;

/// Guessing is slowed three ways: one address at one account soon, one address at many accounts, and many addresses at one
/// account; the last so loosely that a stranger cannot lock somebody out.
#[derive(Debug)]
pub struct Throttle {
    pairs: DefaultKeyedRateLimiter<(String, IpAddr)>,
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    /// Second factors, whose space is small, by the person: only who knows the password gets here.
    codes: DefaultKeyedRateLimiter<i64>,
    clock: DefaultClock,
}

const fn tries(n: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(n).expect("not zero"))
}

/// Ten at once, then one in two minutes: a million codes outlast whoever guesses.
const CODES: Quota = Quota::per_hour(NonZeroU32::new(30).expect("not zero"))
    .allow_burst(NonZeroU32::new(10).expect("not zero"));

impl Throttle {
    pub fn new() -> Self {
        Self {
            pairs: RateLimiter::keyed(tries(10)),
            accounts: RateLimiter::keyed(tries(300)),
            addresses: RateLimiter::keyed(tries(50)),
            codes: RateLimiter::keyed(CODES),
            clock: DefaultClock::default(),
        }
    }

    pub(super) fn check(&self, username: &str, address: IpAddr) -> Result<()> {
        let now = self.clock.now();
        let account = username.to_lowercase();
        let address = network(address);
        let refusals = [
            self.addresses.check_key(&address).err(),
            self.accounts.check_key(&account).err(),
            self.pairs.check_key(&(account, address)).err(),
        ];
        let wait = refusals
            .into_iter()
            .flatten()
            .map(|not| not.wait_time_from(now));
        match wait.max() {
            Some(wait) => Err(Error::Throttled {
                retry_after: wait.max(Duration::from_secs(1)),
            }),
            None => Ok(()),
        }
    }

    pub(super) fn check_code(&self, user_id: i64) -> Result<()> {
        let now = self.clock.now();
        let tried = self.codes.check_key(&user_id);
        tried.map_err(|not| Error::Throttled {
            retry_after: not.wait_time_from(now).max(Duration::from_secs(1)),
        })
    }

    /// Forgets those who have waited long enough, or the tables would only ever grow.
    pub fn tidy(&self) {
        self.pairs.retain_recent();
        self.accounts.retain_recent();
        self.addresses.retain_recent();
        self.codes.retain_recent();
    }
}

/// One household has a whole IPv6 network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    pub address: IpAddr,
    pub user_agent: String,
}

#[derive(Debug)]
pub struct Login {
    pub token: String,
    pub user: Arc<User>,
}

/// Somebody who has given the password that is behind this hash. A session is opened only while that is still the one.
#[derive(Debug)]
pub struct Proven {
    pub(super) user_id: i64,
    pub(super) hash: SecretString,
}

impl App {
    /// Checks name, password and, for who has one, the second factor, and opens a session.
    pub async fn login(
        &self,
        username: &str,
        password: SecretString,
        otp: Option<&str>,
        origin: &Origin,
    ) -> Result<Login> {
        let proven = self.identify(username, password, origin).await?;
        let id = proven.user_id;
        let factor = store::second_factor::find(&mut *self.pool.acquire().await?, id).await?;
        match otp.filter(|otp| !otp.trim().is_empty()) {
            _ if factor.is_none() => {}
            Some(otp) => self.check_code(id, otp).await?,
            None => {
                let until = self.clock.now() + SECOND_STEP;
                let step = self.tokens.issue_step(id, &proven.hash, until);
                return Err(Error::OtpRequired {
                    step: step.map_err(Error::internal)?.into(),
                });
            }
        }
        let opened = self.open_session(&proven, origin).await?;
        opened.ok_or(Error::LoginFailed)
    }

    /// Goes on where a login was asked for the second factor.
    pub async fn second_step(&self, step: &str, otp: &str, origin: &Origin) -> Result<Login> {
        let step = self.tokens.read_step(step, self.clock.now());
        let step = step.ok_or(Error::Unauthenticated)?;
        let mut conn = self.pool.acquire().await?;
        let found = store::users::find_with_hash(&mut conn, step.user_id()).await?;
        drop(conn);
        let (username, hash) = found.ok_or(Error::Unauthenticated)?;
        if !step.is_after(&hash) {
            return Err(Error::Unauthenticated);
        }
        self.throttle.check(&username, origin.address)?;
        let user_id = step.user_id();
        if let Err(error) = self.check_code(user_id, otp).await {
            tracing::info!(address = %origin.address, "second factor refused");
            return Err(error);
        }
        let opened = self.open_session(&Proven { user_id, hash }, origin).await?;
        opened.ok_or(Error::Unauthenticated)
    }

    /// Whose name and password these are.
    async fn identify(
        &self,
        username: &str,
        password: SecretString,
        origin: &Origin,
    ) -> Result<Proven> {
        let username = username.trim();
        self.throttle.check(
            &username.chars().take(USERNAME_LENGTH).collect::<String>(),
            origin.address,
        )?;
        for _ in 0..2 {
            let Some(proven) = self.compare(username, password.clone()).await? else {
                break;
            };
            if !is_bcrypt(proven.hash.expose_secret()) {
                return Ok(proven);
            }
            if let Some(renewed) = self.renew_hash(&proven, password.clone()).await? {
                return Ok(renewed);
            }
            // It is another one since: this one's new form, by a login at the same time, or another password.
        }
        tracing::info!(address = %origin.address, "login refused");
        Err(Error::LoginFailed)
    }

    /// What is compared takes as long whoever it is.
    async fn compare(&self, username: &str, password: SecretString) -> Result<Option<Proven>> {
        let possible = !username.contains('\0')
            && username.chars().count() <= USERNAME_LENGTH
            && password.expose_secret().chars().count() <= *PASSWORD_LENGTH.end();
        let mut conn = self.pool.acquire().await?;
        let any_old = store::users::find_old_hash(&mut conn).await?;
        let found = if possible {
            store::users::find_hash(&mut conn, username).await?
        } else {
            None
        };
        drop(conn);
        let password = if possible {
            password
        } else {
            SecretString::from("")
        };
        let own = found.as_ref().map(|(_, hash)| hash.clone());
        let known = Known { own, any_old };
        let is_right = self.passwords.verify(password, known).await?;
        let proven = found.map(|(user_id, hash)| Proven { user_id, hash });
        Ok(proven.filter(|_| is_right))
    }

    /// None when the password is another one since.
    pub(super) async fn open_session(
        &self,
        proven: &Proven,
        origin: &Origin,
    ) -> Result<Option<Login>> {
        let now = self.clock.now();
        let expires_at = now + LIFETIME;
        let mut conn = self.pool.acquire().await?;
        let agent: String = origin
            .user_agent
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        let new = NewSession {
            user_id: proven.user_id,
            password_hash: proven.hash.expose_secret(),
            origin: &origin.address.to_string(),
            user_agent: &agent,
            expires_at,
        };
        let Some(sid) = store::sessions::create(&mut conn, &new).await? else {
            return Ok(None);
        };
        let Some(user) = store::users::find(&mut conn, proven.user_id).await? else {
            return Ok(None);
        };
        let claims = Claims {
            sub: user.username.clone(),
            sid,
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let token = self.tokens.issue(&claims).map_err(Error::internal)?;
        Ok(Some(Login {
            token,
            user: Arc::new(user),
        }))
    }

    /// When a token ends by itself.
    pub fn expires_at(&self, token: &str) -> Option<DateTime<Utc>> {
        let claims = self.tokens.read(token, self.clock.now())?;
        DateTime::from_timestamp(claims.exp, 0)
    }

    /// The password is known at this moment only: from now on it is kept as everybody's. None when it was changed meanwhile.
    async fn renew_hash(&self, old: &Proven, password: SecretString) -> Result<Option<Proven>> {
        let new = self.passwords.hash(password).await?;
        let mut tx = self.pool.begin().await?;
        store::changes::begin(&mut tx, &dialplan::server(), "user.renew_hash").await?;
        let before = old.hash.expose_secret();
        let is_new = store::users::renew_hash(&mut tx, old.user_id, before, &new).await?;
        tx.commit().await?;
        Ok(is_new.then(|| Proven {
            user_id: old.user_id,
            hash: new.into(),
        }))
    }

    /// Who a token belongs to, if it is still good.
    pub async fn authenticate(&self, token: &str, address: IpAddr) -> Result<(Actor, Arc<User>)> {
        let claims = self
            .tokens
            .read(token, self.clock.now())
            .ok_or(Error::Unauthenticated)?;
        let user = self
            .session_user(claims.sid)
            .await?
            .ok_or(Error::Unauthenticated)?;
        if user.username != claims.sub {
            return Err(Error::Unauthenticated);
        }
        if self.sessions_used.is_due(claims.sid) {
            self.note_use(claims.sid).await;
        }
        let actor = Actor {
            user_id: user.id,
            username: user.username.clone(),
            role: user.role,
            extension: user.extension.clone(),
            session: claims.sid,
            origin: address.to_string(),
            key: None,
        };
        Ok((actor, user))
    }

    /// What was asked for must not fail because this does.
    async fn note_use(&self, session: Uuid) {
        let noted = async {
            let mut conn = self.pool.acquire().await?;
            store::sessions::touch(&mut conn, session).await?;
            Ok::<_, Error>(())
        };
        if let Err(error) = noted.await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the use of a session is not noted"
            );
        }
    }

    /// Whoever this session belongs to, for what was made in it.
    pub(super) async fn session_actor(&self, sid: Uuid) -> Result<Actor> {
        let user = self
            .session_user(sid)
            .await?
            .filter(|user| !user.must_change_password)
            .ok_or(Error::Unauthenticated)?;
        Ok(Actor {
            user_id: user.id,
            username: user.username.clone(),
            role: user.role,
            extension: user.extension.clone(),
            session: sid,
            origin: String::new(),
            key: None,
        })
    }

    async fn session_user(&self, sid: Uuid) -> Result<Option<Arc<User>>> {
        if let Some(user) = self.memory.session(sid) {
            return Ok(Some(user));
        }
        let moment = self.memory.moment();
        let before = || self.memory.session_before(sid);
        if self.memory.is_away()
            && let Some(user) = before()
        {
            return Ok(Some(user));
        }
        match self.read_session(sid).await {
            Ok(user) => {
                if let Some(user) = &user {
                    self.memory.keep_session(moment, sid, Arc::clone(user));
                }
                Ok(user)
            }
            // Whoever looks on is told that the database is away by the page itself.
            Err(away @ Error::DatabaseAway(_)) => before().map(Some).ok_or(away),
            Err(error) => Err(error),
        }
    }

    async fn read_session(&self, sid: Uuid) -> Result<Option<Arc<User>>> {
        let found = store::sessions::find_user(&mut *self.pool.acquire().await?, sid).await?;
        Ok(found.map(Arc::new))
    }

    pub async fn logout(&self, actor: &Actor) -> Result<()> {
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        store::sessions::remove(work.conn(), actor.session).await?;
        work.commit(Proof::NotNeeded).await?;
        // The notification does the same for every other server; this one answers only when it is so.
        self.memory.forget_people();
        Ok(())
    }
}
