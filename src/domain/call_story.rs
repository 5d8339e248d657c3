//! What happened in a call, step by step, told from its legs.

use super::ExtNumber;
use super::call::{ANSWERED, Leg};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Rang {
        who: String,
        seconds: i32,
    },
    Busy {
        who: String,
    },
    Unreachable {
        who: String,
    },
    Answered {
        who: String,
        seconds: i32,
    },
    /// Somebody else took the call while it rang.
    PickedUp {
        who: String,
        seconds: i32,
    },
    /// From an extension to whoever comes in the next step.
    Forwarded {
        from: String,
        why: Why,
    },
    Mailbox {
        number: String,
        seconds: i32,
    },
    Echo {
        seconds: i32,
    },
    /// The system itself answered, to a code.
    Service {
        seconds: i32,
    },
    Refused(Refusal),
    GaveUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Always,
    Busy,
    NoAnswer,
}

/// How the dialplan refused the caller, by its causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    UnknownNumber,
    Busy,
    Nobody,
    NotAllowed,
    NoWay,
    Other,
}

/// The legs in the order in which Asterisk made them, after [`super::call::tell_pickups`].
pub fn tell(legs: &[Leg]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    // Who was tried last, and by which words of the dialplan.
    let mut last: Option<(String, &str)> = None;
    for leg in legs {
        if leg.dstchannel.is_empty() {
            let tried = last.as_ref().map(|(who, _)| who.as_str());
            steps.extend(alone(leg, tried, steps.last()));
            continue;
        }
        let who = target(leg);
        let step = tried(leg, who.clone());
        match &last {
            // Several phones of one extension.
            Some((before, words)) if *before == who && *words == leg.arguments => {
                join(&mut steps, step);
                continue;
            }
            Some((before, words)) if *before != who && *words != leg.arguments => {
                let why = match steps.last() {
                    Some(Step::Busy { .. }) => Why::Busy,
                    _ => Why::NoAnswer,
                };
                let from = before.clone();
                if ExtNumber::parse(&from).is_ok() {
                    steps.push(Step::Forwarded { from, why });
                }
            }
            None if leg.dst != who && ExtNumber::parse(&leg.dst).is_ok() => {
                let from = leg.dst.clone();
                steps.push(Step::Forwarded {
                    from,
                    why: Why::Always,
                });
            }
            _ => {}
        }
        steps.push(step);
        last = Some((who, &leg.arguments));
    }
    if let (Some(Step::Rang { .. }), Some(leg)) = (steps.last(), legs.last())
        && !leg.dstchannel.is_empty()
    {
        steps.push(Step::GaveUp);
    }
    steps
}

/// Who is at the other end: an extension, or the number that a trunk was asked for.
fn target(leg: &Leg) -> String {
    let name = leg
        .dstchannel
        .strip_prefix("PJSIP/")
        .unwrap_or(&leg.dstchannel);
    let endpoint = name.rsplit_once('-').map_or(name, |(endpoint, _)| endpoint);
    if !endpoint.starts_with("trunk-ep-") {
        return endpoint.to_owned();
    }
    let dialled = leg.arguments.strip_prefix("PJSIP/");
    let number = dialled.and_then(|words| words.split_once('@'));
    number.map_or_else(|| leg.dst.clone(), |(number, _)| number.to_owned())
}

fn tried(leg: &Leg, who: String) -> Step {
    let seconds = leg.billsec;
    match leg.disposition.as_str() {
        ANSWERED if is_picked_up(leg, &who) => Step::PickedUp { who, seconds },
        ANSWERED => Step::Answered { who, seconds },
        "BUSY" => Step::Busy { who },
        "NO ANSWER" => Step::Rang {
            who,
            seconds: leg.duration,
        },
        _ => Step::Unreachable { who },
    }
}

/// Another extension answered than the one that was dialled.
fn is_picked_up(leg: &Leg, who: &str) -> bool {
    let dialled = leg.arguments.strip_prefix("PJSIP/");
    let dialled = dialled
        .and_then(|words| words.split_once('/'))
        .map(|(number, _)| number);
    dialled.is_some_and(|number| number != who && ExtNumber::parse(number).is_ok())
        && ExtNumber::parse(who).is_ok()
}

/// One phone of several: whoever answered counts, then whichever rang, then the busy one.
fn join(steps: &mut Vec<Step>, step: Step) {
    fn rank(step: &Step) -> i32 {
        match step {
            Step::Answered { .. } | Step::PickedUp { .. } => 3,
            Step::Rang { .. } => 2,
            Step::Busy { .. } => 1,
            _ => 0,
        }
    }
    match steps.last_mut() {
        Some(before) if rank(&step) > rank(before) => *before = step,
        Some(Step::Rang { seconds, .. }) => {
            if let Step::Rang {
                seconds: longer, ..
            } = step
            {
                *seconds = longer.max(*seconds);
            }
        }
        Some(_) => {}
        None => steps.push(step),
    }
}

/// A leg without another end: the system itself.
fn alone(leg: &Leg, tried: Option<&str>, before: Option<&Step>) -> Option<Step> {
    let seconds = leg.billsec;
    if leg.disposition == ANSWERED {
        let mailbox = |number: &str| Step::Mailbox {
            number: number.to_owned(),
            seconds,
        };
        return Some(match (leg.application.as_str(), leg.arguments.as_str()) {
            ("VoiceMail", words) => mailbox(words.split('@').next().unwrap_or_default()),
            // The caller ended the message with #.
            ("Hangup", "17" | "19") => mailbox(tried.unwrap_or(&leg.dst)),
            ("Echo", _) => Step::Echo { seconds },
            _ => Step::Service { seconds },
        });
    }
    if leg.application != "Hangup" {
        return None;
    }
    let refusal = match leg.arguments.as_str() {
        "1" => Refusal::UnknownNumber,
        "17" => Refusal::Busy,
        "16" | "18" | "19" => Refusal::Nobody,
        "21" => Refusal::NotAllowed,
        "34" => Refusal::NoWay,
        _ => Refusal::Other,
    };
    let is_said = matches!(
        (refusal, before),
        (Refusal::Busy, Some(Step::Busy { .. }))
            | (
                Refusal::Nobody,
                Some(Step::Rang { .. } | Step::Unreachable { .. })
            )
    );
    (!is_said).then_some(Step::Refused(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `dstchannel application arguments disposition duration billsec` of a call from 1001 to 1002.
    fn story(legs: &[(&str, &str, &str, &str, i32, i32)]) -> String {
        let legs: Vec<Leg> = legs
            .iter()
            .map(
                |(other, application, arguments, disposition, duration, billsec)| Leg {
                    uniqueid: "1.1".into(),
                    clid: String::new(),
                    channel: "PJSIP/1001-00000001".into(),
                    dstchannel: (*other).into(),
                    src: "1001".into(),
                    dst: "1002".into(),
                    application: (*application).into(),
                    arguments: (*arguments).into(),
                    started_at: None,
                    duration: *duration,
                    billsec: *billsec,
                    disposition: (*disposition).into(),
                },
            )
            .collect();
        let steps: Vec<String> = tell(&legs).iter().map(|step| format!("{step:?}")).collect();
        steps.join("; ")
    }

    const BOB: &str = "PJSIP/1002/sip:1002@127.0.0.1:5070,20";
    const OUT: &str = "PJSIP/+49171123456@trunk-ep-1,60,b(x)";

    #[test]
    fn a_forward_tells_why_and_whereto() {
        insta::assert_snapshot!(
            story(&[
                ("PJSIP/1002-0a", "Dial", BOB, "NO ANSWER", 8, 0),
                ("PJSIP/trunk-ep-1-0b", "Dial", OUT, "ANSWERED", 70, 63),
            ]),
            @r#"Rang { who: "1002", seconds: 8 }; Forwarded { from: "1002", why: NoAnswer }; Answered { who: "+49171123456", seconds: 63 }"#
        );
        insta::assert_snapshot!(
            story(&[
                ("PJSIP/1002-0a", "Dial", BOB, "BUSY", 0, 0),
                ("PJSIP/1003-0b", "Dial", "PJSIP/1003/sip:1003@127.0.0.1:5071,20", "ANSWERED", 4, 3),
            ]),
            @r#"Busy { who: "1002" }; Forwarded { from: "1002", why: Busy }; Answered { who: "1003", seconds: 3 }"#
        );
        insta::assert_snapshot!(
            story(&[("PJSIP/1003-0b", "Dial", "PJSIP/1003/sip:1003@127.0.0.1:5071,20", "ANSWERED", 4, 3)]),
            @r#"Forwarded { from: "1002", why: Always }; Answered { who: "1003", seconds: 3 }"#
        );
    }

    #[test]
    fn several_phones_of_one_extension_are_one_step() {
        insta::assert_snapshot!(
            story(&[
                ("PJSIP/1002-0a", "Dial", BOB, "NO ANSWER", 9, 0),
                ("PJSIP/1002-0b", "Dial", BOB, "ANSWERED", 12, 3),
                ("PJSIP/1002-0c", "Dial", BOB, "BUSY", 0, 0),
            ]),
            @r#"Answered { who: "1002", seconds: 3 }"#
        );
    }

    #[test]
    fn a_pickup_is_no_forward() {
        insta::assert_snapshot!(
            story(&[
                ("PJSIP/1002-0a", "Dial", BOB, "NO ANSWER", 3, 0),
                ("PJSIP/1003-0b", "Dial", BOB, "ANSWERED", 9, 9),
            ]),
            @r#"Rang { who: "1002", seconds: 3 }; PickedUp { who: "1003", seconds: 9 }"#
        );
    }

    #[test]
    fn the_end_is_told_once() {
        for (legs, told) in [
            (
                &[
                    ("PJSIP/1002-0a", "Dial", BOB, "BUSY", 0, 0),
                    ("", "Hangup", "17", "BUSY", 0, 0),
                ][..],
                r#"Busy { who: "1002" }"#,
            ),
            (
                &[
                    ("PJSIP/1002-0a", "Dial", BOB, "NO ANSWER", 20, 0),
                    ("", "Hangup", "19", "NO ANSWER", 0, 0),
                ],
                r#"Rang { who: "1002", seconds: 20 }"#,
            ),
            (
                &[("PJSIP/1002-0a", "Dial", BOB, "NO ANSWER", 7, 0)],
                r#"Rang { who: "1002", seconds: 7 }; GaveUp"#,
            ),
            (
                &[
                    ("PJSIP/1002-0a", "Dial", BOB, "NO ANSWER", 7, 0),
                    ("", "VoiceMail", "1002@default,u", "ANSWERED", 9, 9),
                ],
                r#"Rang { who: "1002", seconds: 7 }; Mailbox { number: "1002", seconds: 9 }"#,
            ),
            (
                &[("", "Hangup", "19", "ANSWERED", 9, 9)],
                r#"Mailbox { number: "1002", seconds: 9 }"#,
            ),
            (
                &[("", "Hangup", "1", "NO ANSWER", 0, 0)],
                "Refused(UnknownNumber)",
            ),
            (
                &[("", "Hangup", "21", "NO ANSWER", 4, 0)],
                "Refused(NotAllowed)",
            ),
            (&[("", "Echo", "", "ANSWERED", 9, 9)], "Echo { seconds: 9 }"),
            (
                &[("", "VoiceMailMain", "", "ANSWERED", 9, 9)],
                "Service { seconds: 9 }",
            ),
            (&[], ""),
        ] {
            assert_eq!(story(legs), told);
        }
    }
}
