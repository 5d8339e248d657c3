//! Lamps for messages: the phones that Asterisk does not tell, and what they are to be told.

use super::{PgConnection, Result};
use crate::domain::ExtNumber;
use crate::domain::mailbox::Waiting;

/// What the server tells the phones of an extension itself: those that had registered before Asterisk could know that there
/// is a mailbox, those beside another one that has subscribed, and all when the mailbox is gone. None: Asterisk tells them.
pub async fn untold(conn: &mut PgConnection, number: &ExtNumber) -> Result<Option<Waiting>> {
    let row: Option<(i64, i64)> = sqlx::query_as(
        "with phone as (
           select c.id || ' ' || c.expiration_time as id from ps_contacts c
            where c.id ~>=~ ($1 || '^3B@') and c.id ~<~ ($1 || '^3BA') and c.expiration_time > extract(epoch from now())
         ), subscribed as (
           select count(distinct s.contact_uri) as phones from ps_subscription_persistence s
            where s.endpoint = $1 and s.expires > extract(epoch from now()) and s.packet ~* 'event: *message-summary'
         ), box as (
           select b.untold from pbx.mailbox b join voicemail v on v.mailbox = b.mailbox and v.context = 'default'
            where b.mailbox = $1
         )
         select count(m.dir) filter (where m.dir ~ '/(INBOX|Urgent)$'), count(m.dir) filter (where m.dir ~ '/Old$')
           from (select) one
           left join voicemail_messages m
             on m.mailboxuser = $1 and m.mailboxcontext = 'default' and m.msgnum >= 0 and exists (select from box)
          where exists (select from phone)
            and (not exists (select from box)
                 or exists (select from box, phone where phone.id = any (box.untold))
                 or (select phones from subscribed) between 1 and (select count(*) - 1 from phone))
         having count(*) > 0",
    )
    .bind(number.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(new, old)| Waiting { new, old }))
}

/// Asterisk was started, or may have been: it tells nobody who is registered now. The mailboxes that have such phones.
pub async fn forget_told(conn: &mut PgConnection) -> Result<Vec<ExtNumber>> {
    let numbers: Vec<String> = sqlx::query_scalar(
        "update pbx.mailbox b set untold = pbx.registered_phones(b.mailbox)
          where b.untold <> '{}' or pbx.registered_phones(b.mailbox) <> '{}' returning b.mailbox",
    )
    .fetch_all(conn)
    .await?;
    Ok(numbers
        .iter()
        .filter_map(|number| ExtNumber::parse(number).ok())
        .collect())
}
