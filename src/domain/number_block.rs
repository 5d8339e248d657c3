//! The numbers a contract gives: kept as ranges, written out only as far as somebody looks.

use super::did::{Did, NumberPlan};
use super::invalid::{Code, Wrong};

/// Numbers a trunk may have; more is a mistake in writing.
pub const NUMBERS: u64 = 10_000;
/// Parts of a block; a contract has a handful.
const PARTS: usize = 200;

/// Both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    pub first: u64,
    pub last: u64,
}

impl Range {
    pub fn len(self) -> u64 {
        self.last - self.first + 1
    }

    pub fn is_empty(self) -> bool {
        false
    }

    pub fn contains(self, did: &Did) -> bool {
        (self.first..=self.last).contains(&did.value())
    }
}

/// Ranges in ascending order that do not touch the same number twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberBlock(Vec<Range>);

impl NumberBlock {
    /// `042198961300-042198961399`, `042198961300-99`, a single number, several of these separated by commas.
    pub fn parse(text: &str, plan: &NumberPlan) -> Result<Self, Wrong> {
        let parts: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .collect();
        if parts.is_empty() {
            return Err(Wrong::new(Code::InvalidDid));
        }
        let too_large = || Wrong::new(Code::BlockTooLarge).with("max", NUMBERS.to_string());
        if parts.len() > PARTS {
            return Err(too_large());
        }
        let mut ranges = Vec::with_capacity(parts.len());
        let mut total = 0;
        for part in parts {
            let range = range(part, plan)?;
            total += range.len();
            if total > NUMBERS {
                return Err(too_large());
            }
            ranges.push(range);
        }
        ranges.sort_unstable();
        if ranges.windows(2).any(|pair| pair[0].last >= pair[1].first) {
            return Err(Wrong::new(Code::BlockOverlaps));
        }
        Ok(Self(ranges))
    }

    pub fn from_ranges(mut ranges: Vec<Range>) -> Self {
        ranges.sort_unstable();
        Self(ranges)
    }

    pub fn ranges(&self) -> &[Range] {
        &self.0
    }

    pub fn len(&self) -> u64 {
        self.0.iter().map(|range| range.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, did: &Did) -> bool {
        self.0.iter().any(|range| range.contains(did))
    }

    pub fn numbers(&self) -> impl Iterator<Item = Did> {
        self.0
            .iter()
            .flat_map(|range| (range.first..=range.last).filter_map(Did::from_value))
    }
}

/// A hyphen between two numbers is a range; the second may be only the digits that change.
fn range(part: &str, plan: &NumberPlan) -> Result<Range, Wrong> {
    let Some((from, to)) = part.split_once('-') else {
        let only = Did::parse(part, plan)?.value();
        return Ok(Range {
            first: only,
            last: only,
        });
    };
    let from = Did::parse(from, plan)?;
    let to = to.trim();
    let digits = to.bytes().all(|b| b.is_ascii_digit()) && !to.is_empty();
    let national = from.national(plan);
    let last = if digits
        && to.len() < national.len()
        && !to.starts_with("00")
        && to.len() < from.as_str().len() - 3
    {
        let head = &from.as_str()[..from.as_str().len() - to.len()];
        Did::from_canonical(&format!("{head}{to}")).ok_or_else(|| Wrong::new(Code::InvalidDid))?
    } else {
        Did::parse(to, plan)?
    };
    let (first, last) = (from.value(), last.value());
    if last < first {
        return Err(Wrong::new(Code::BlockReversed));
    }
    // Two numbers of different length lie far apart; the limit on the total says so.
    Ok(Range { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> NumberPlan {
        NumberPlan {
            country: "49".into(),
            area: "421".into(),
        }
    }

    fn parse(text: &str) -> Result<NumberBlock, Code> {
        NumberBlock::parse(text, &plan()).map_err(|wrong| wrong.code)
    }

    #[test]
    fn a_block_is_written_as_the_contract_has_it() {
        for text in [
            "042198961300-042198961399",
            "042198961300-99",
            "+4942198961300 - +4942198961399",
        ] {
            let block = parse(text).expect(text);
            assert_eq!(block.len(), 100, "{text}");
            assert_eq!(
                block.numbers().last().expect("some").as_str(),
                "+4942198961399"
            );
        }
        assert_eq!(parse("04219896130-9").expect("ten").len(), 10);
        assert_eq!(parse("042198961300").expect("one").len(), 1);
        assert_eq!(
            parse("042198961300-09, 042198961350")
                .expect("two parts")
                .len(),
            11
        );
    }

    #[test]
    fn reversed_overlapping_large_and_wrong_blocks_are_told_apart() {
        assert_eq!(parse("042198961399-042198961300"), Err(Code::BlockReversed));
        assert_eq!(
            parse("042198961300-99,042198961350"),
            Err(Code::BlockOverlaps)
        );
        assert_eq!(parse("042198961300-042198971300"), Err(Code::BlockTooLarge));
        assert_eq!(
            parse("042198960000-042198969999")
                .expect("exactly the limit")
                .len(),
            10_000
        );
        assert_eq!(parse("0421x-99"), Err(Code::InvalidDid));
        assert_eq!(parse(""), Err(Code::InvalidDid));
        assert_eq!(parse("0421989-0999999999999"), Err(Code::BlockTooLarge));
    }
}
