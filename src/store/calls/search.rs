//! Which calls are meant, and by which index they are found: newest first, those of an extension, or those of whole numbers
//! that contain what was typed.

use chrono::{DateTime, Utc};
use sea_query::extension::postgres::PgExpr;
use sea_query::{
    Expr, ExprTrait, Func, Iden, JoinType, LikeExpr, Order, Query, SelectStatement, UnionType,
};

use crate::domain::call::{CallFilter, Page, SHORTEST_PART, ways_to_write};
use crate::domain::did::NumberPlan;
use crate::realtime::tables::{Call, CallExtension, Pbx};
use crate::store::{PgConnection, Result};

/// More numbers than this that contain what was typed have so many calls that the newest calls soon have enough of them.
const MOST_NUMBERS: i64 = 1_000;
/// The calls of an extension are few beside those of more numbers than this.
const FEW_NUMBERS: usize = 100;

/// Names of tables within a statement: calls, their keys, found keys, numbers, and calls once more.
#[derive(Debug, Clone, Copy, Iden)]
pub(super) enum As {
    C,
    K,
    F,
    N,
    P,
}
use As::{C, F, K, N, P};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All calls, newest first.
    Newest,
    Extension,
    /// Of whole numbers: who called, who was called, or either.
    Numbers(Side, Vec<String>),
    Nothing,
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
        for (side, part) in [
            (Side::Src, &self.src),
            (Side::Dst, &self.dst),
            (Side::Either, &self.text),
        ] {
            let Some(part) = part else { continue };
            let Some(numbers) = numbers(conn, part).await? else {
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
        Ok(match best {
            Some((side, numbers)) if !has_extension || numbers.len() <= FEW_NUMBERS => {
                Reach::Numbers(side, numbers)
            }
            _ if has_extension => Reach::Extension,
            _ => Reach::Newest,
        })
    }

    pub(super) fn is_impossible(&self) -> bool {
        self.reach == Reach::Nothing
    }

    /// Whether what is asked for is told by the hourly sums alone.
    pub fn is_summed(&self) -> bool {
        self.reach == Reach::Newest
            && [&self.src, &self.dst, &self.text]
                .iter()
                .all(|part| part.is_none())
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
            Reach::Extension => {
                query.from_as((Pbx::Schema, CallExtension::Table), C);
            }
            _ => {
                query.from_as((Pbx::Schema, Call::Table), C);
            }
        }
        self.restrict(&mut query);
        let Reach::Numbers(side, numbers) = &self.reach else {
            return query;
        };
        let of = |column| Expr::col((C, column)).eq(Func::cust("any").arg(numbers.clone()));
        match side {
            Side::Src => query.and_where(of(Call::Src)),
            Side::Dst => query.and_where(of(Call::Dst)),
            Side::Either => return Self::calls_of_either(query, numbers),
        };
        query
    }

    /// Each side by its own index: one condition on both would read all calls.
    fn calls_of_either(query: SelectStatement, numbers: &[String]) -> SelectStatement {
        let of = |column| Expr::col((C, column)).eq(Func::cust("any").arg(numbers.to_vec()));
        let columns = [
            Call::Id,
            Call::StartedAt,
            Call::Direction,
            Call::Outcome,
            Call::Duration,
            Call::Billsec,
        ];
        let [mut called, mut calling] = [query.clone(), query];
        calling
            .columns(columns.map(|column| (C, column)))
            .and_where(of(Call::Src));
        called
            .columns(columns.map(|column| (C, column)))
            .and_where(of(Call::Dst))
            .and_where(of(Call::Src).not());
        calling.union(UnionType::All, called);
        let mut either = Query::select();
        either.from_subquery(calling, C);
        either
    }

    /// The keys of the newest calls of each whole number: enough of each, whichever numbers are on the page.
    fn newest_of_each(&self, column: Call, numbers: &[String], page: Page) -> SelectStatement {
        let mut of_one = Query::select();
        of_one
            .columns([(C, Call::Id), (C, Call::StartedAt)])
            .from_as((Pbx::Schema, Call::Table), C)
            .and_where(Expr::col((C, column)).equals((N, N)));
        self.restrict(&mut of_one);
        let page = Page {
            limit: page.limit.saturating_add(page.offset),
            offset: 0,
            ..page
        };
        self.cut(&mut of_one, page);
        let mut each = Query::select();
        each.columns([(K, Call::Id), (K, Call::StartedAt)])
            .from_function(Func::cust("unnest").arg(numbers.to_vec()), N)
            .join_lateral(JoinType::InnerJoin, of_one, K, Expr::cust("true"));
        each
    }

    /// Keys of the calls of a page; none when there can be none.
    pub(super) fn keys(&self, page: Page) -> Option<SelectStatement> {
        let (side, numbers) = match &self.reach {
            Reach::Nothing => return None,
            Reach::Numbers(side, numbers) => (side, numbers),
            Reach::Newest | Reach::Extension => {
                let mut keys = self.calls();
                keys.expr_as(self.id(), Call::Id)
                    .column((C, Call::StartedAt));
                self.cut(&mut keys, page);
                return Some(keys);
            }
        };
        let of_each = |column| self.newest_of_each(column, numbers, page);
        let found = match side {
            Side::Src => of_each(Call::Src),
            Side::Dst => of_each(Call::Dst),
            Side::Either => {
                // A call of which both numbers match is one call.
                let mut either = of_each(Call::Src);
                either.union(UnionType::Distinct, of_each(Call::Dst));
                either
            }
        };
        let mut keys = Query::select();
        keys.columns([(F, Call::Id), (F, Call::StartedAt)])
            .from_subquery(found, F)
            .order_by((F, Call::StartedAt), Order::Desc)
            .order_by((F, Call::Id), Order::Desc)
            .limit(page.limit)
            .offset(page.offset);
        Some(keys)
    }

    fn id(&self) -> Expr {
        if self.reach == Reach::Extension {
            Expr::col((C, CallExtension::CallId))
        } else {
            Expr::col((C, Call::Id))
        }
    }

    /// Newest first, from a place on.
    fn cut(&self, query: &mut SelectStatement, page: Page) {
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

    fn restrict(&self, query: &mut SelectStatement) {
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
    fn of_numbers(&self) -> Option<Expr> {
        let whole = match &self.reach {
            Reach::Numbers(side, _) => Some(*side),
            _ => None,
        };
        let table = if self.reach == Reach::Extension { P } else { C };
        let like = |column: Call, patterns: &[String]| {
            let one = |pattern: &String| {
                Expr::expr(Func::lower(Expr::col((table, column)))).like(LikeExpr::new(pattern))
            };
            patterns.iter().map(one).reduce(Expr::or)
        };
        let of = |side, part: &Option<Vec<String>>| {
            let patterns = part.as_ref().filter(|_| whole != Some(side))?;
            match side {
                Side::Src => like(Call::Src, patterns),
                Side::Dst => like(Call::Dst, patterns),
                Side::Either => Some(like(Call::Src, patterns)?.or(like(Call::Dst, patterns)?)),
            }
        };
        [
            of(Side::Src, &self.src),
            of(Side::Dst, &self.dst),
            of(Side::Either, &self.text),
        ]
        .into_iter()
        .flatten()
        .reduce(Expr::and)
    }
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
    let numbers: Vec<String> = sqlx::query_scalar(
        "select number from pbx.call_number where lower(number) like any ($1) limit $2",
    )
    .bind(patterns)
    .bind(MOST_NUMBERS + 1)
    .persistent(false)
    .fetch_all(conn)
    .await?;
    let is_few = i64::try_from(numbers.len()).is_ok_and(|found| found <= MOST_NUMBERS);
    Ok(is_few.then_some(numbers))
}
