//! The numbers of the contracts that nobody has, page by page: of a block no more is written out than is looked at.

use std::collections::HashSet;

use views::numbers::list::{Free, Query};

use super::describe::{self, trunk_ref};
use crate::domain::did::{Did, NumberPlan};
use crate::domain::number_block::Range;
use crate::domain::trunk::Trunk;

const PAGE: usize = 10;

/// What follows `free`, of those that match.
pub fn page_of(taken: &HashSet<u64>, trunks: &[Trunk], query: &Query, plan: &NumberPlan) -> Free {
    let trunks = trunks
        .iter()
        .filter(|trunk| query.trunk.is_none_or(|id| id == trunk.id));
    let mut blocks: Vec<(&Range, &Trunk)> = trunks
        .flat_map(|trunk| trunk.numbers.ranges().iter().map(move |r| (r, trunk)))
        .collect();
    let is_in = |value: &&u64| {
        let mut ranges = blocks.iter().map(|(range, _)| range.first..=range.last);
        ranges.any(|range| range.contains(value))
    };
    let all: u64 = blocks.iter().map(|(range, _)| range.len()).sum();
    let total = all - taken.iter().filter(is_in).count() as u64;
    blocks.sort_unstable_by_key(|(range, _)| range.first);
    let wanted = wanted(&query.q);
    let digits = digits(&wanted);
    if digits.is_none() && !wanted.is_empty() {
        // Free numbers have no names.
        return Free {
            total,
            ..Free::default()
        };
    }
    let after = query.free.as_deref().and_then(Did::from_canonical);
    let from = after.map_or(0, |did| did.value() + 1);
    let mut free: Vec<(Did, &Trunk)> = blocks
        .into_iter()
        .flat_map(|(range, trunk)| {
            let values = range.first.max(from)..=range.last;
            values.map(move |value| (value, trunk))
        })
        .filter(|(value, _)| !taken.contains(value))
        .filter_map(|(value, trunk)| Some((Did::from_value(value)?, trunk)))
        .filter(|(did, _)| wanted.is_empty() || is_like(did, digits.as_deref(), plan))
        .take(PAGE + 1)
        .collect();
    let more = free.len() > PAGE;
    free.truncate(PAGE);
    let next = free.last().filter(|_| more);
    Free {
        next: next.map(|(did, _)| did.to_string()),
        numbers: free
            .iter()
            .map(|(did, trunk)| (describe::did(did, plan), trunk_ref(trunk)))
            .collect(),
        total,
    }
}

/// What was typed, as it is compared.
pub fn wanted(q: &str) -> String {
    let visible: String = q.chars().filter(|c| !c.is_control()).collect();
    visible.trim().to_lowercase()
}

/// The digits of what may be a part of a number; words with a digit in them are none.
pub fn digits(wanted: &str) -> Option<String> {
    let dense: String = wanted
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    Some(dense).filter(|dense| !dense.is_empty() && !wanted.chars().any(char::is_alphabetic))
}

/// A number matches however it is written.
pub fn is_like(did: &Did, digits: Option<&str>, plan: &NumberPlan) -> bool {
    digits
        .is_some_and(|digits| did.as_str().contains(digits) || did.national(plan).contains(digits))
}
