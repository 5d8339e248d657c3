//! The numbers of a trunk, page by page: never more of a block is written out than is shown.

use std::collections::BTreeMap;

use views::trunks::numbers::{BlockNumber, Route as Leads};

use super::calls_now::named;
use super::describe;
use super::viewer::Viewer;
use crate::app::Result;
use crate::domain::did::Did;
use crate::domain::number_block::NumberBlock;
use crate::domain::route::Route;
use crate::domain::trunk::Trunk;
use crate::web::Site;

const PAGE: usize = 100;

/// The numbers that lead somewhere, by their digits.
pub struct Taken<'r>(BTreeMap<u64, &'r Route>);

impl<'r> Taken<'r> {
    pub fn of(routes: &'r [Route]) -> Self {
        Self(routes.iter().map(|r| (r.did.value(), r)).collect())
    }
}

/// What follows `after`, and the key of the last one when there are more: those of its blocks, and those that lead
/// somewhere though no block names them.
pub async fn page_of(
    site: &Site,
    viewer: &Viewer,
    trunk: &Trunk,
    taken: &Taken<'_>,
    after: Option<&Did>,
) -> Result<(Vec<BlockNumber>, Option<String>)> {
    let plan = &site.app.settings().await?.numbers;
    let from = after.map_or(0, |did| did.value() + 1);
    let delivered = taken.0.range(from..);
    let delivered = delivered.filter(|(_, route)| route.trunk_id == trunk.id);
    let mut dids = ascending(&trunk.numbers, delivered.map(|(value, _)| *value), from);
    let more = dids.len() > PAGE;
    dids.truncate(PAGE);
    let next = dids.last().filter(|_| more);
    let next = next.map(|did| did.as_str().to_owned());
    let routes: Vec<_> = dids.iter().map(|did| taken.0.get(&did.value())).collect();
    let ends = routes.iter().flatten();
    let ends = ends.map(|route| (route.extension.to_string(), String::new()));
    let mut parties = named(site, viewer, ends.collect()).await?.into_iter();
    let numbers = dids.iter().zip(routes).map(|(did, route)| BlockNumber {
        did: describe::did(did, plan),
        route: route.and_then(|route| {
            Some(Leads {
                id: route.id,
                destination: parties.next()?,
                description: route.description.clone().unwrap_or_default(),
                last_called: route.last_called,
                is_enabled: route.enabled,
            })
        }),
    });
    Ok((numbers.collect(), next))
}

/// One more than fit on a page, from a value on.
fn ascending(block: &NumberBlock, others: impl Iterator<Item = u64>, from: u64) -> Vec<Did> {
    let ranges = block.ranges().iter().filter(|range| range.last >= from);
    let mut block = ranges
        .flat_map(|range| range.first.max(from)..=range.last)
        .peekable();
    let mut others = others.peekable();
    let merged = std::iter::from_fn(|| {
        let least = match (block.peek(), others.peek()) {
            (Some(a), Some(b)) => *a.min(b),
            (Some(one), None) | (None, Some(one)) => *one,
            (None, None) => return None,
        };
        block.next_if_eq(&least);
        others.next_if_eq(&least);
        Some(least)
    });
    merged.filter_map(Did::from_value).take(PAGE + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::did::NumberPlan;

    #[test]
    fn blocks_and_other_numbers_become_one_order() {
        let plan = NumberPlan::default();
        let block = NumberBlock::parse("0421500-0421502, 0421900-0421901", &plan).expect("legal");
        let of = |others: &[u64], from: u64| -> Vec<String> {
            let dids = ascending(&block, others.iter().copied(), from);
            dids.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            of(&[49_421_501, 49_421_700], 49_421_501),
            [
                "+49421501",
                "+49421502",
                "+49421700",
                "+49421900",
                "+49421901"
            ]
        );
        assert!(of(&[], 49_421_902).is_empty());
        let large = NumberBlock::parse("04210000-04219999", &plan).expect("legal");
        assert_eq!(ascending(&large, std::iter::empty(), 0).len(), PAGE + 1);
    }
}
