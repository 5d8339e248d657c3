//! Every documented call as it was recorded from GonoPBX 2.1.2, played in its order against a server of ours: same
//! status, same names with the same kinds of values. What differs is listed in `deviations.json` with the reason, and
//! a reason that nothing needs any more fails the test.
//!
//! `recordings.json` has one call a line: who asks for what, and what came back as kinds of values. `{trunk Custom}`
//! is the id of what an earlier call made.

mod differences;
mod play;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::support::own_pbx;
use differences::{Found, Known};
use play::Player;

/// One recorded call, or a step of ours that puts something there.
#[derive(Debug, Clone, Deserialize)]
pub struct Recording {
    name: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
    /// A body that is no JSON.
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    answer: Value,
    /// Fields that came back as they were sent.
    #[serde(default)]
    echo: Vec<String>,
    #[serde(default)]
    answer_headers: Map<String, Value>,
    /// Under which name later calls know the id that came back.
    #[serde(default)]
    makes: Option<String>,
    /// What a socket said.
    #[serde(default)]
    frames: Vec<Value>,
}

/// What is allowed to differ, and why.
#[derive(Debug, Deserialize)]
pub struct Deviation {
    because: String,
    /// What allows it: one of the two.
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    defect: Option<String>,
    /// Names of recordings; `*` is every one in which it is found.
    of: Vec<String>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    code: Option<String>,
    /// Places in the answer: fields that come back otherwise, or headers.
    #[serde(default)]
    differs: Vec<String>,
    /// The same for what depends on when somebody else did something.
    #[serde(default)]
    sometimes: Vec<String>,
    /// The call is made with these fields instead of the recorded ones.
    #[serde(default)]
    with: Option<Map<String, Value>>,
    /// The call is made again with these fields, so that what follows finds what it needs.
    #[serde(default)]
    then: Option<Map<String, Value>>,
}

/// The rules of the contract that the original did not know, and what was proved to be broken in it.
#[derive(Debug, Deserialize)]
struct Reasons {
    rules: BTreeMap<String, String>,
    defects: BTreeMap<String, String>,
}

impl Deviation {
    fn is_of(&self, name: &str) -> bool {
        self.of.iter().any(|of| of == name || of == "*")
    }
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/api/replay")
        .join(name);
    let text = std::fs::read_to_string(&path).expect("a file of this folder");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub fn recordings() -> Vec<Recording> {
    read("recordings.json")
}

fn deviations() -> Vec<Deviation> {
    read("deviations.json")
}

#[test]
fn every_deviation_is_allowed_by_a_rule_or_a_proven_defect_and_each_of_them_is_needed() {
    let reasons: Reasons = read("reasons.json");
    let mut needed = BTreeSet::new();
    for deviation in deviations() {
        let allows = match (&deviation.rule, &deviation.defect) {
            (Some(rule), None) if reasons.rules.contains_key(rule) => rule.clone(),
            (None, Some(defect)) if reasons.defects.contains_key(defect) => defect.clone(),
            other => panic!("{}: {other:?}", deviation.because),
        };
        needed.insert(allows);
    }
    let listed: BTreeSet<_> = reasons.rules.into_iter().chain(reasons.defects).collect();
    for (name, sentence) in &listed {
        assert!(sentence.ends_with('.'), "a sentence: {sentence}");
        assert!(needed.contains(name), "nothing needs {name}: {sentence}");
    }
}

#[tokio::test]
async fn every_recorded_call_is_answered_as_it_was_but_for_the_listed_reasons() {
    let pbx = own_pbx("replay").await;
    let (recordings, deviations) = (recordings(), deviations());
    let known = Known::of(&recordings);
    let mut player = Player::new(&pbx).await;
    let mut complaints = Vec::new();
    let mut used: Vec<(usize, String, String)> = Vec::new();
    for recording in &recordings {
        let allowed: Vec<(usize, &Deviation)> = deviations
            .iter()
            .enumerate()
            .filter(|(_, deviation)| deviation.is_of(&recording.name))
            .collect();
        let with = allowed.iter().find_map(|(_, d)| d.with.as_ref());
        let recording = &with.map_or_else(|| recording.clone(), |fields| recording.with(fields));
        for found in player.play(recording, &known).await {
            match allowed.iter().find(|(_, d)| found.is_allowed_by(d)) {
                Some((n, _)) => used.push((*n, recording.name.clone(), found.place())),
                None => complaints.push(format!("{}: {found}", recording.name)),
            }
        }
        let again = allowed.iter().find_map(|(_, d)| d.then.as_ref());
        if let Some(fields) = again {
            let changed = recording.with(fields);
            for found in player.play(&changed, &known).await {
                match allowed.iter().find(|(_, d)| found.is_allowed_by(d)) {
                    Some((n, _)) if !matches!(found, Found::Status { .. }) => {
                        used.push((*n, recording.name.clone(), found.place()));
                    }
                    _ => complaints.push(format!("{}, again: {found}", recording.name)),
                }
            }
        }
    }
    complaints.append(&mut player.undescribed);
    let pending: Vec<String> = read("pending.json");
    let is_pending = |complaint: &str| pending.iter().any(|start| complaint.starts_with(start));
    complaints.retain(|complaint| !is_pending(complaint));
    for (n, deviation) in deviations.iter().enumerate() {
        let unused = unused(n, deviation, &used);
        complaints.extend(
            unused
                .into_iter()
                .filter(|complaint| !is_pending(complaint)),
        );
    }
    assert!(
        complaints.is_empty(),
        "{} complaints:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

/// What a deviation allows that did not happen.
fn unused(n: usize, deviation: &Deviation, used: &[(usize, String, String)]) -> Vec<String> {
    assert!(
        deviation.because.ends_with('.'),
        "a sentence: {}",
        deviation.because
    );
    let status = deviation.status.map(|_| "status".to_owned());
    let places = || deviation.differs.iter().cloned().chain(status.clone());
    let mut left = Vec::new();
    for of in &deviation.of {
        for place in places() {
            let is_used = |(m, name, at): &(usize, String, String)| {
                *m == n && (name == of || of == "*") && *at == place
            };
            if !used.iter().any(is_used) {
                left.push(format!(
                    "{of}: {place} does not differ, but may: {}",
                    deviation.because
                ));
            }
        }
    }
    left
}

impl Recording {
    fn with(&self, fields: &Map<String, Value>) -> Self {
        let mut changed = self.clone();
        if let Value::Object(body) = &mut changed.body {
            body.extend(fields.clone());
        }
        changed
    }
}
