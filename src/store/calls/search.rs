//! Which calls are meant, and by which index they are found: newest first, those of an extension, or those of whole numbers
//! that contain what was typed.

use chrono::{DateTime, Utc};
use sea_query::extension::postgres::PgExpr;
use sea_query::{Expr, ExprTrait, Iden, LikeExpr, Order, Query, SelectStatement};

use crate::domain::call::{CallFilter, Direction, Page, SHORTEST_PART, ways_to_write};
use crate::domain::did::NumberPlan;
use crate::realtime::tables::{Call, CallExtension, Pbx};
use crate::store::{PgConnection, Result};

/// More numbers than this that contain what was typed have so many calls that the newest calls soon have enough of them.
const MOST_NUMBERS: i64 = 1_000;
/// The calls of an extension are few beside those of more numbers than this.
const FEW_NUMBERS: usize = 100;

/// Names of tables within a statement: calls, their keys, found keys, numbers, calls once more, the oldest moment, and sums.
#[derive(Debug, Clone, Copy, Iden)]
pub(super) enum As {
    C,
    K,
    F,
    N,
    P,
    O,
    S,
}
use As::{C, P};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All calls, newest first.
    Newest,
    Extension,
    /// Of whole numbers: who called, who was called, or either.
    Numbers(Side, Numbers),
    Nothing,
}

/// Whole numbers that contain what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Numbers {
    Few(Vec<String>),
    /// More than anybody wants to send to and fro: the database looks them up once more.
    Many,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Src,
    Dst,
    Either,
}

/// A filter that is ready to be looked for.
#[derive(Debug, Clone)]
pub struct Search {
    pub(super) filter: CallFilter,
    pub(super) reach: Reach,
    src: Option<Vec<String>>,
    dst: Option<Vec<String>>,
    text: Option<Vec<String>>,
}

impl Search {
    pub async fn prepare(
        conn: &mut PgConnection,
        filter: CallFilter,
        plan: &NumberPlan,
    ) -> Result<Self> {
        let patterns = |part: &Option<String>| part.as_ref().map(|part| patterns(part, plan));
        let (src, dst, text) = (
            patterns(&filter.src),
            patterns(&filter.dst),
            patterns(&filter.text),
        );
        let mut search = Self {
            reach: if filter.impossible {
                Reach::Nothing
            } else {
                Reach::Newest
            },
            filter,
            src,
            dst,
            text,
        };
        if search.reach == Reach::Newest {
            search.reach = search.find_reach(conn).await?;
        }
        Ok(search)
    }

    async fn find_reach(&self, conn: &mut PgConnection) -> Result<Reach> {
        let has_extension = self.filter.extension.is_some();
        let mut best: Option<(Side, Vec<String>)> = None;
        let mut many = None;
        for side in [Side::Src, Side::Dst, Side::Either] {
            let Some(part) = self.part(side) else {
                continue;
            };
            let Some(numbers) = numbers(conn, part).await? else {
                many = many.or(Some(side));
                continue;
            };
            if numbers.is_empty() {
                return Ok(Reach::Nothing);
            }
            if best
                .as_ref()
                .is_none_or(|(_, fewer)| numbers.len() < fewer.len())
            {
                best = Some((side, numbers));
            }
        }
        Ok(match (best, many) {
            (Some((side, numbers)), _) if !has_extension || numbers.len() <= FEW_NUMBERS => {
                Reach::Numbers(side, Numbers::Few(numbers))
            }
            _ if has_extension => Reach::Extension,
            (_, Some(side)) => Reach::Numbers(side, Numbers::Many),
            _ => Reach::Newest,
        })
    }

    pub(super) fn part(&self, side: Side) -> Option<&[String]> {
        let part = match side {
            Side::Src => &self.src,
            Side::Dst => &self.dst,
            Side::Either => &self.text,
        };
        part.as_deref()
    }

    pub(super) fn has_many_numbers(&self) -> bool {
        matches!(self.reach, Reach::Numbers(_, Numbers::Many))
    }

    /// The same calls, looked for among those of all numbers.
    pub(super) fn by_time(&self) -> Self {
        Self {
            reach: Reach::Newest,
            ..self.clone()
        }
    }

    /// All calls of the same days, outcome and direction.
    pub(super) fn of_any_number(&self) -> Self {
        Self {
            src: None,
            dst: None,
            text: None,
            ..self.by_time()
        }
    }

    pub(super) fn is_impossible(&self) -> bool {
        self.reach == Reach::Nothing
    }

    /// Whether what is asked for is told by the hourly sums alone.
    pub fn is_summed(&self) -> bool {
        self.reach == Reach::Newest && self.of_numbers().is_none()
    }

    /// Numbers of which alone is asked, on whatever day: how many calls they have is added up already.
    pub(super) fn counted_numbers(&self) -> Option<(Side, &Numbers)> {
        let Reach::Numbers(side, numbers) = &self.reach else {
            return None;
        };
        let filter = &self.filter;
        let is_always = filter.from.is_none() && filter.until.is_none();
        let is_alone = filter.extension.is_none() && self.of_numbers().is_none();
        (is_always && is_alone).then_some((*side, numbers))
    }

    /// The same of one direction.
    pub(super) fn towards(&self, direction: Direction) -> Self {
        let mut other = self.clone();
        other.filter.direction = Some(direction);
        other
    }

    /// Whether adding up its calls may take longer than a page can wait.
    pub fn is_wide(&self) -> bool {
        match &self.reach {
            Reach::Newest => !self.is_summed(),
            Reach::Numbers(..) => true,
            Reach::Extension | Reach::Nothing => false,
        }
    }

    pub fn filter(&self) -> &CallFilter {
        &self.filter
    }

    /// The same of other days.
    #[must_use]
    pub fn within(&self, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        let mut other = self.clone();
        (other.filter.from, other.filter.until) = (from, until);
        other
    }

    /// The calls that are meant, as `c`, with nothing selected yet.
    pub(super) fn calls(&self) -> SelectStatement {
        let mut query = Query::select();
        match &self.reach {
            Reach::Numbers(side, numbers) => return self.calls_of(*side, numbers),
            Reach::Extension => query.from_as((Pbx::Schema, CallExtension::Table), C),
            Reach::Newest | Reach::Nothing => query.from_as((Pbx::Schema, Call::Table), C),
        };
        self.restrict(&mut query);
        query
    }

    /// Keys of the calls of a page; none when there can be none.
    pub(super) fn keys(&self, page: Page) -> Option<SelectStatement> {
        match &self.reach {
            Reach::Nothing => None,
            Reach::Numbers(side, numbers) => Some(self.keys_of(*side, numbers, page)),
            Reach::Newest | Reach::Extension => {
                let mut keys = self.calls();
                keys.expr_as(self.id(), Call::Id)
                    .column((C, Call::StartedAt));
                self.cut(&mut keys, page);
                Some(keys)
            }
        }
    }

    fn id(&self) -> Expr {
        if self.reach == Reach::Extension {
            Expr::col((C, CallExtension::CallId))
        } else {
            Expr::col((C, Call::Id))
        }
    }

    /// Newest first, from a place on.
    pub(super) fn cut(&self, query: &mut SelectStatement, page: Page) {
        if let Some(place) = page.after {
            let key = Expr::tuple([Expr::col((C, Call::StartedAt)), self.id()]);
            query.and_where(key.lt(Expr::tuple([place.started_at.into(), place.id.into()])));
        }
        query
            .order_by((C, Call::StartedAt), Order::Desc)
            .order_by_expr(self.id(), Order::Desc)
            .limit(page.limit);
        if page.offset > 0 {
            query.offset(page.offset);
        }
    }

    pub(super) fn restrict(&self, query: &mut SelectStatement) {
        let filter = &self.filter;
        let column = |column| Expr::col((C, column));
        if let Some(from) = filter.from {
            query.and_where(column(Call::StartedAt).gte(from));
        }
        if let Some(until) = filter.until {
            query.and_where(column(Call::StartedAt).lt(until));
        }
        if let Some(outcome) = filter.outcome {
            query.and_where(column(Call::Outcome).eq(outcome.as_str()));
        }
        if let Some(direction) = filter.direction {
            query.and_where(column(Call::Direction).eq(direction.as_str()));
        }
        let of_numbers = self.of_numbers();
        match (&filter.extension, &self.reach) {
            (Some(number), Reach::Extension) => {
                query.and_where(Expr::col((C, CallExtension::Extension)).eq(number.as_str()));
                if let Some(condition) = of_numbers {
                    let mut call = Query::select();
                    call.expr(Expr::val(1))
                        .from_as((Pbx::Schema, Call::Table), P)
                        .and_where(Expr::col((P, Call::Id)).equals((C, CallExtension::CallId)))
                        .and_where(condition);
                    query.and_where(Expr::exists(call));
                }
            }
            (extension, _) => {
                if let Some(number) = extension {
                    let taking_part = Expr::val(vec![number.to_string()]).cast_as("text[]");
                    query.and_where(column(Call::Extensions).contains(taking_part));
                }
                query.and_where_option(of_numbers);
            }
        }
    }

    /// What numbers must contain, but for what whole numbers already say.
    pub(super) fn of_numbers(&self) -> Option<Expr> {
        let whole = match &self.reach {
            Reach::Numbers(side, _) => Some(*side),
            _ => None,
        };
        let table = if self.reach == Reach::Extension { P } else { C };
        let of = |side| {
            let patterns = self.part(side).filter(|_| whole != Some(side))?;
            match side {
                Side::Src => like(table, Call::Src, patterns),
                Side::Dst => like(table, Call::Dst, patterns),
                Side::Either => {
                    Some(like(table, Call::Src, patterns)?.or(like(table, Call::Dst, patterns)?))
                }
            }
        };
        [Side::Src, Side::Dst, Side::Either]
            .into_iter()
            .filter_map(of)
            .reduce(Expr::and)
    }
}

/// Whether a number of a call contains what was typed.
pub(super) fn like(table: As, column: Call, patterns: &[String]) -> Option<Expr> {
    contains(&Expr::col((table, column)), patterns)
}

/// Whether a number contains what was typed, in whichever way it was written. Most numbers have no letters, and telling small
/// letters from big ones is what takes longest of it.
pub(super) fn contains(number: &Expr, patterns: &[String]) -> Option<Expr> {
    let one = |pattern: &String| {
        if has_letters(pattern) {
            number.clone().ilike(LikeExpr::new(pattern))
        } else {
            number.clone().like(LikeExpr::new(pattern))
        }
    };
    patterns.iter().map(one).reduce(Expr::or)
}

fn has_letters(pattern: &str) -> bool {
    pattern.chars().any(char::is_alphabetic)
}

/// A part of a number is anywhere in it; what is shorter is the whole number.
fn patterns(part: &str, plan: &NumberPlan) -> Vec<String> {
    let pattern = |way: String| {
        let literal = way
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        if way.chars().count() < SHORTEST_PART {
            literal
        } else {
            format!("%{literal}%")
        }
    };
    ways_to_write(part, plan).into_iter().map(pattern).collect()
}

/// The numbers that match, unless they are too many to look for each.
async fn numbers(conn: &mut PgConnection, patterns: &[String]) -> Result<Option<Vec<String>>> {
    let sql = if patterns.iter().any(|pattern| has_letters(pattern)) {
        "select number from pbx.call_number where number ilike any ($1) limit $2"
    } else {
        "select number from pbx.call_number where number like any ($1) limit $2"
    };
    let numbers: Vec<String> = sqlx::query_scalar(sql)
        .bind(patterns)
        .bind(MOST_NUMBERS + 1)
        .persistent(false)
        .fetch_all(conn)
        .await?;
    let is_few = i64::try_from(numbers.len()).is_ok_and(|found| found <= MOST_NUMBERS);
    Ok(is_few.then_some(numbers))
}
