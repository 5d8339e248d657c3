//! What is wrong, in the words of the views: for the page and for the API.

use views::dashboard::{Problem, Trouble};

use crate::app::status::Status;
use crate::domain::health::{self, Level};
use crate::domain::{Act, Actor, policy};

pub fn level(level: Level) -> views::dashboard::Level {
    match level {
        Level::Healthy => views::dashboard::Level::Healthy,
        Level::Warning => views::dashboard::Level::Warning,
        Level::Degraded => views::dashboard::Level::Degraded,
        Level::Critical => views::dashboard::Level::Critical,
    }
}

/// Each problem with the page where it can be mended, for those who may open that.
pub fn shown<'s>(
    status: &'s Status,
    actor: &'s Actor,
) -> impl Iterator<Item = (&'s health::Problem, Problem)> {
    let problems = status.problems.iter();
    problems.map(|problem| (problem, one(problem, actor)))
}

fn one(problem: &health::Problem, actor: &Actor) -> Problem {
    use health::Problem as P;
    let link = |act: Act, page: &str| policy::may(actor, &act).then(|| page.to_owned());
    let (what, link) = match problem {
        P::AsteriskAway { .. } => (Trouble::AsteriskAway, None),
        P::AsteriskRefuses { .. } => (Trouble::AsteriskRefuses, None),
        P::AsteriskOutdated => (
            Trouble::AsteriskOutdated,
            link(Act::RestartAsterisk, "/settings"),
        ),
        P::DatabaseAway => (Trouble::DatabaseAway, None),
        P::DatabaseFailing => (Trouble::DatabaseFailing, None),
        P::NotListening => (Trouble::NotListening, None),
        P::CallsWaiting { count, .. } => (Trouble::CallsWaiting(*count as u64), None),
        P::SpoolUnreadable { .. } => (Trouble::SpoolUnreadable, None),
        P::CallsUnreadable { count } => (Trouble::CallsUnreadable(*count), None),
        // Which one is the administrators' business.
        P::TrunkDown(down) => match link(Act::ListTrunks, &format!("/trunks/{}", down.id)) {
            Some(page) => (Trouble::TrunkDown(Some(down.name.clone())), Some(page)),
            None => (Trouble::TrunkDown(None), None),
        },
        P::NoPhoneOnline => (
            Trouble::NoPhoneOnline,
            link(Act::ListExtensions, "/extensions?state=offline"),
        ),
        P::PhonesUnreachable(count) => (
            Trouble::PhonesUnreachable(*count as u64),
            link(Act::ListExtensions, "/extensions?state=offline"),
        ),
        P::NoExtensions => (
            Trouble::NoExtensions,
            link(Act::CreateExtension, "/extensions/new"),
        ),
        P::MailServerMissing => (
            Trouble::MailServerMissing,
            link(Act::EditSettings, "/settings/mail"),
        ),
        P::MailsWaiting(count) => (
            Trouble::MailsWaiting(*count),
            link(Act::EditSettings, "/settings/mail"),
        ),
        P::MailsFailed(count) => (
            Trouble::MailsFailed(*count),
            link(Act::EditSettings, "/settings/mail"),
        ),
    };
    Problem {
        what,
        since: problem.since(),
        link,
    }
}
