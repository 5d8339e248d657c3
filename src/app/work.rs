//! The only writable handle: a transaction that knows who acts and what for. Dropped, it is rolled back.

use std::time::{Duration, Instant};

use sqlx::{Postgres, Transaction};

use super::changes::Unapplied;
use super::{App, Result, nudge};
use crate::domain::{Actor, ExtNumber};
use crate::{realtime, store};

/// How long an answer waits for Asterisk's word that a change is live. It has it within milliseconds; on a machine that is busy
/// for a moment, waiting is better than saying of a change that it is not live which is.
const PROOF_TIME: Duration = Duration::from_secs(2);
/// The same for a change of many.
const LONG_PROOF_TIME: Duration = Duration::from_secs(5);
/// How long after each try Asterisk is asked again; together less than an answer waits.
const TRIES: [Duration; 4] = [
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
];

#[derive(Debug)]
pub struct Work<'a> {
    app: &'a App,
    tx: Transaction<'static, Postgres>,
    xid: String,
    started: Instant,
}

/// What Asterisk is to say after the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The change does not concern Asterisk.
    NotNeeded,
    Endpoint {
        number: ExtNumber,
        enabled: bool,
    },
    /// Nothing of a new endpoint is cached, so Asterisk can be asked while the listener still works.
    New {
        number: ExtNumber,
        enabled: bool,
    },
    Gone(ExtNumber),
    /// Of many that change alike, one stands for all.
    Many(Box<Proof>),
    Trunk {
        id: i64,
    },
}

/// A change that is saved, and whether Asterisk has confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The transaction, as the history names it; None when nothing is different.
    pub tx: Option<String>,
    /// From the beginning of the transaction to Asterisk's word.
    pub took: Duration,
    pub live: std::result::Result<(), Unapplied>,
}

impl<'a> Work<'a> {
    pub(super) async fn begin(app: &'a App, actor: &Actor, act: &'static str) -> Result<Self> {
        let started = Instant::now();
        let mut tx = app.pool.begin().await?;
        let xid = store::changes::begin(&mut tx, actor, act).await?;
        Ok(Self {
            app,
            tx,
            xid,
            started,
        })
    }

    /// The transaction's name in the history.
    pub fn xid(&self) -> &str {
        &self.xid
    }

    pub fn conn(&mut self) -> &mut store::PgConnection {
        &mut self.tx
    }

    /// Commits, waits until everything that follows from the change has happened, and asks Asterisk what it sees.
    pub async fn commit(mut self, proof: Proof) -> Result<Applied> {
        let is_recorded = store::changes::announce_end(&mut self.tx, &self.xid).await?;
        let done = self.app.changes.expect(&self.xid);
        self.tx.commit().await?;
        let confirmed = async {
            if let Proof::New { .. } = proof {
                let (done, proved) = tokio::join!(done, prove(self.app, &proof));
                return done.and(proved);
            }
            done.await?;
            prove(self.app, &proof).await
        };
        let patience = if matches!(proof, Proof::Many(_)) {
            LONG_PROOF_TIME
        } else {
            PROOF_TIME
        };
        let live = tokio::time::timeout(patience, confirmed)
            .await
            .unwrap_or(Err(Unapplied::NoAnswer));
        if let Err(why) = &live {
            tracing::warn!(xid = %self.xid, reason = %why, "saved, but not confirmed by Asterisk");
        }
        Ok(Applied {
            tx: is_recorded.then_some(self.xid),
            took: self.started.elapsed(),
            live,
        })
    }
}

async fn prove(app: &App, proof: &Proof) -> std::result::Result<(), Unapplied> {
    let proof = if let Proof::Many(one) = proof {
        &**one
    } else {
        proof
    };
    let (endpoint, column, expected) = match proof {
        Proof::NotNeeded | Proof::Many(_) => return Ok(()),
        Proof::Endpoint { number, enabled } | Proof::New { number, enabled } => (
            number.to_string(),
            "identify_by",
            Some(realtime::identify_by(*enabled)),
        ),
        Proof::Gone(number) => (number.to_string(), "identify_by", None),
        Proof::Trunk { id } => (
            realtime::trunk::endpoint(*id),
            "context",
            Some("from-trunk"),
        ),
    };
    let mut pauses = TRIES.into_iter();
    loop {
        let asked = format!("PJSIP_ENDPOINT({endpoint},{column})");
        let seen = app.ami.getvar(None, asked).await?;
        if seen.as_deref() == expected {
            return Ok(());
        }
        let Some(pause) = pauses.next() else {
            return Err(Unapplied::SeenDifferently);
        };
        // Whoever read the row before the commit may have remembered it after it was forgotten.
        tokio::time::sleep(pause).await;
        nudge::forget_endpoint(&app.ami, &endpoint).await?;
    }
}
