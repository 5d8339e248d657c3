//! Lamps for messages. Asterisk tells the phones; this tells those that Asterisk does not, with the same words.

use super::Error;
use super::changes::Unapplied;
use crate::ami::{Action, Ami, Failure};
use crate::domain::ExtNumber;
use crate::domain::mailbox::Waiting;
use crate::store::{self, PgPool};

/// A mailbox that changes that often while its phones are told is told of by the next change.
const ATTEMPTS: usize = 5;

/// Tells until what was told is still so: others may tell at the same time.
pub(super) async fn tell(ami: &Ami, pool: &PgPool, number: &ExtNumber) -> Result<(), Unapplied> {
    let mut told = None;
    for _ in 0..ATTEMPTS {
        let waiting = untold(pool, number)
            .await
            .map_err(|error| Unapplied::Database(error.to_string()))?;
        let Some(waiting) = waiting.filter(|waiting| told != Some(*waiting)) else {
            return Ok(());
        };
        match ami.send(notice(number, waiting)).await {
            // Its phones have gone.
            Ok(_) | Err(Failure::Refused { .. }) => {}
            Err(failure) => return Err(failure.into()),
        }
        told = Some(waiting);
    }
    Ok(())
}

async fn untold(pool: &PgPool, number: &ExtNumber) -> Result<Option<Waiting>, Error> {
    let mut conn = pool.acquire().await?;
    Ok(store::lamps::untold(&mut conn, number).await?)
}

/// After Asterisk was started no phone is told anything until it registers again, which may be in an hour: counting every
/// mailbox for all of them would be half of what its start takes (`mwi_disable_initial_unsolicited`).
pub(super) async fn tell_all(ami: &Ami, pool: &PgPool) -> Result<(), Unapplied> {
    let numbers = async {
        let mut conn = pool.acquire().await?;
        Ok::<_, Error>(store::lamps::forget_told(&mut conn).await?)
    };
    let numbers = numbers
        .await
        .map_err(|error| Unapplied::Database(error.to_string()))?;
    for number in numbers {
        tell(ami, pool, &number).await?;
    }
    Ok(())
}

/// RFC 3842, as Asterisk writes it.
fn notice(number: &ExtNumber, waiting: Waiting) -> Action {
    let any = if waiting.new > 0 { "yes" } else { "no" };
    Action::new("PJSIPNotify")
        .set("Endpoint", number.to_string())
        .set("Variable", "Event=message-summary")
        .set(
            "Variable",
            "Content-type=application/simple-message-summary",
        )
        .set("Variable", format!("Content=Messages-Waiting: {any}"))
        .set(
            "Variable",
            format!(
                "Content=Voice-Message: {}/{} (0/0)",
                waiting.new, waiting.old
            ),
        )
        .set("Variable", "Content=")
}
