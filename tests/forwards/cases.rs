//! Every case of the rules, played with real phones and a provider.

use futures_util::future::join_all;
use serde_json::json;

use super::rules::{Caller, Case, End, Forwards, State, Target};
use super::{forward, remove};
use crate::support::phone::{Outgoing, Phone};
use crate::support::provider::{Calling, Provider};
use crate::support::{Pbx, eventually, own_pbx};

/// That many are played at once.
const STAGES: usize = 20;

/// People and lines for one case after the other.
struct Stage {
    pbx: Pbx,
    provider: Provider,
    caller: Phone,
    desk: Phone,
    /// Nobody has ever registered there.
    empty: String,
    disabled: String,
    target: Phone,
    numbers: [String; 3],
}

/// Who calls.
enum Out {
    Phone(Outgoing),
    Provider(Calling),
}

impl Out {
    async fn is_refused(&mut self) -> u16 {
        match self {
            Self::Phone(out) => out.is_refused().await,
            Self::Provider(out) => out.is_refused().await,
        }
    }

    async fn is_answered(&mut self) {
        match self {
            Self::Phone(out) => drop(out.is_answered().await),
            Self::Provider(out) => drop(out.is_answered().await),
        }
    }

    async fn hang_up(self) {
        match self {
            Self::Phone(out) => out.hang_up().await,
            Self::Provider(out) => out.hang_up().await,
        }
    }
}

impl Stage {
    async fn build(pbx: &Pbx, n: usize) -> Self {
        let provider = Provider::open(pbx).await;
        let admin = pbx.admin().await;
        let fields = json!({
            "name": format!("Line {n}"), "provider": "custom", "auth_mode": "ip", "sip_server": provider.server(),
        });
        let trunk = admin.post("/api/trunks/", &fields).await.expect(200);
        let (caller, desk, target) = (
            pbx.ext().phone().await,
            pbx.ext().ring_time(5).phone().await,
            pbx.ext().phone().await,
        );
        let empty = pbx.ext().create().await.number;
        let disabled = pbx.ext().with("enabled", false).create().await.number;
        let numbers = [1, 2, 3].map(|i| format!("042160{n:02}{i}"));
        for (number, extension) in numbers.iter().zip([&desk.number, &empty, &disabled]) {
            let route =
                json!({"did": number, "trunk_id": trunk["id"], "destination_extension": extension});
            admin.post("/api/routes/", &route).await.expect(200);
        }
        Self {
            pbx: pbx.clone(),
            provider,
            caller,
            desk,
            empty,
            disabled,
            target,
            numbers,
        }
    }

    /// The extension that is called, and its number outside.
    fn callee(&self, state: State) -> (&str, &str) {
        match state {
            State::Unregistered => (&self.empty, &self.numbers[1]),
            State::Disabled => (&self.disabled, &self.numbers[2]),
            _ => (&self.desk.number, &self.numbers[0]),
        }
    }

    async fn play(&self, case: Case) {
        let (callee, did) = self.callee(case.state);
        let destination = match case.target {
            Target::Internal => self.target.number.clone(),
            Target::External => "0301234567".to_owned(),
        };
        let kinds: &[&str] = match case.forwards {
            Forwards::None => &[],
            Forwards::Always => &["unconditional"],
            Forwards::WhenBusy => &["busy"],
            Forwards::WhenUnanswered => &["no_answer"],
            Forwards::BusyAndUnanswered => &["busy", "no_answer"],
        };
        let mut forwards = Vec::new();
        for kind in kinds {
            forwards.push(forward(&self.pbx, callee, kind, &destination).await);
        }
        self.mailbox(callee, case.has_mailbox).await;
        let owner = self.pbx.owner().await;
        let calls = "select count(*) from pbx.call where dst in ($1, $2)";
        let canonical = format!("+49{}", &did[1..]);
        let before = owner.count(calls, &[callee, &canonical]).await;

        let mut out = match case.caller {
            Caller::Internal => Out::Phone(self.caller.dial(callee).await),
            Caller::Trunk => Out::Provider(self.provider.call(&canonical).send().await),
        };
        let mut ringing = None;
        if case.rings() {
            let mut call = self.desk.rings().await;
            call.ring().await;
            match case.state {
                State::Idle => {
                    call.answer().await;
                    ringing = Some(call);
                }
                State::Busy => call.busy().await,
                State::Declined => call.decline().await,
                _ => ringing = Some(call),
            }
        }
        match case.ends() {
            End::Refused(status) => assert_eq!(out.is_refused().await, status, "{case:?}"),
            End::Extension | End::Mailbox => {
                out.is_answered().await;
                out.hang_up().await;
            }
            End::Target if case.target == Target::Internal => {
                let mut call = self.target.rings().await;
                call.answer().await;
                out.is_answered().await;
                out.hang_up().await;
                call.other_side_hangs_up().await;
            }
            End::Target => {
                let mut call = self.provider.rings().await;
                assert_eq!(call.number(), "+49301234567", "{case:?}");
                call.answer().await;
                out.is_answered().await;
                out.hang_up().await;
                call.other_side_hangs_up().await;
            }
        }
        match (ringing, case.state) {
            (Some(call), State::Idle) => call.other_side_hangs_up().await,
            (Some(call), _) => call.stops_ringing().await,
            (None, _) => {}
        }
        assert!(!self.desk.has_rung().await, "{case:?}: it rang");
        assert!(!self.target.has_rung().await, "{case:?}: the target rang");
        assert!(
            !self.provider.has_rung().await,
            "{case:?}: it left the house"
        );

        eventually(&format!("{case:?} is in the history"), || async {
            (owner.count(calls, &[callee, &canonical]).await > before).then_some(())
        })
        .await;
        let filed = "select concat_ws(' ', direction, outcome) from pbx.call where dst in ($1, $2) order by id desc limit 1";
        let wanted = format!("{} {}", case.direction(), case.outcome());
        eventually(&format!("{case:?} is filed as {wanted}"), || async {
            let rows: Vec<(String,)> = owner.rows(filed, &[callee, &canonical]).await;
            (rows.first().is_some_and(|(filed,)| *filed == wanted)).then_some(())
        })
        .await;
        let after = owner.count(calls, &[callee, &canonical]).await;
        assert_eq!(after - before, 1, "{case:?}: one call is one row");
        let wanted = case.legs();
        eventually(&format!("{case:?} leaves the rows {wanted:?}"), || async {
            (self.legs(callee, &canonical).await == wanted).then_some(())
        })
        .await;
        for forward in &forwards {
            remove(&self.pbx, forward).await;
        }
    }

    /// The rows of the standard table that the last call has left: who was called, with which result and
    /// which greeting.
    async fn legs(&self, callee: &str, canonical: &str) -> Vec<String> {
        let owner = self.pbx.owner().await;
        let sql = "select coalesce(dstchannel, ''), concat_ws(' ', disposition, lastapp,
                     case when lastapp = 'VoiceMail' then case split_part(lastdata, ',', 2)
                       when 'b' then 'with the busy greeting'
                       when 'u' then 'with the unavailable greeting'
                       else coalesce(lastdata, 'with nothing') end end) from cdr
                   where linkedid = (select linkedid from pbx.call where dst in ($1, $2) order by id desc limit 1)
                   order by sequence";
        let rows: Vec<(String, String)> = owner.rows(sql, &[callee, canonical]).await;
        rows.into_iter()
            .map(|(channel, result)| {
                let endpoint = channel
                    .strip_prefix("PJSIP/")
                    .and_then(|rest| rest.rsplit_once('-'));
                let who = match endpoint.map(|(endpoint, _)| endpoint) {
                    None => "nobody",
                    Some(number) if number == self.desk.number => "desk",
                    Some(number) if number == self.target.number => "target",
                    Some(_) => "provider",
                };
                format!("{who} {result}")
            })
            .collect()
    }

    /// By SQL, as a DBA would.
    async fn mailbox(&self, number: &str, wanted: bool) {
        let owner = self.pbx.owner().await;
        let sql = if wanted {
            "with made as (insert into voicemail (context, mailbox, password) values ('default', $1, '4711')
                           on conflict do nothing returning 1) select count(*) from made"
        } else {
            "with gone as (delete from voicemail where mailbox = $1 returning 1) select count(*) from gone"
        };
        owner.count(sql, &[number]).await;
        eventually("the row of the extension follows", || async {
            let row = "select count(*) from extensions where context = 'internal' and exten = $1 and appdata like '%,' || $1 || ')'";
            let is_there = owner.count(row, &[number]).await == 1;
            // A disabled one has no row.
            (is_there == (wanted && number != self.disabled)).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn every_case_ends_where_the_rules_say() {
    let pbx = own_pbx("forwards").await;
    let cases = Case::all();
    assert_eq!(cases.len(), 240);
    let mut stages = Vec::new();
    for n in 0..STAGES {
        stages.push(Stage::build(&pbx, n).await);
    }
    join_all(stages.iter().enumerate().map(|(n, stage)| {
        let mine: Vec<Case> = cases.iter().copied().skip(n).step_by(STAGES).collect();
        async move {
            for case in mine {
                stage.play(case).await;
            }
        }
    }))
    .await;
}
