//! How many calls are meant. Those of all numbers and those of a part of a number are added up already, in every direction
//! and outcome; other calls are counted one by one.

use sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement, UnionType};
use sqlx::{Connection as _, FromRow};

use super::search::As::{C, K, N, S};
use super::search::{Numbers, Search, Side, contains, like};
use super::sums::{cheapest, sums};
use crate::domain::call::{Direction, Outcome};
use crate::realtime::tables::{Call, CallNumber, CallNumberDelta, Pbx};
use crate::store::{PgConnection, Result, sql};

#[derive(FromRow)]
struct Counted {
    n: i64,
}

pub async fn count(conn: &mut PgConnection, search: &Search) -> Result<i64> {
    if search.is_impossible() {
        return Ok(0);
    }
    if search.is_summed() {
        let sums = sums(conn, search).await?;
        return Ok(sums.iter().map(|sum| sum.calls).sum());
    }
    if let Some((side, numbers)) = search.counted_numbers() {
        return of_numbers(conn, search, (side, numbers)).await;
    }
    let calls = cheapest(conn, search).await?.calls();
    counted(conn, calls).await
}

/// Of calls, as `c`.
async fn counted(conn: &mut PgConnection, mut calls: SelectStatement) -> Result<i64> {
    calls.column((C, Call::StartedAt));
    let mut query = Query::select();
    query
        .expr_as(Func::count(Expr::col((K, Call::StartedAt))), "n")
        .from_subquery(calls, K);
    let row: Counted = sql::fetch_one(conn, &query).await?;
    Ok(row.n)
}

/// The sums of both sides, at one moment. A call of which both numbers match is there twice and has to be looked at: in each
/// direction on the side that has fewer calls. Of calls with the outside that is next to nothing, because the numbers of one
/// side are those of the house.
async fn of_numbers(
    conn: &mut PgConnection,
    search: &Search,
    (side, numbers): (Side, &Numbers),
) -> Result<i64> {
    let mut moment = conn
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    let meant = Meant {
        search,
        side,
        numbers,
    };
    let rows: Vec<Sums> = sql::fetch_all(&mut moment, &meant.sums()).await?;
    let sum = |of: fn(&Sums) -> i64| rows.iter().map(of).sum::<i64>();
    let sides = [
        (Direction::Internal, sum(|s| s.0), sum(|s| s.3)),
        (Direction::Incoming, sum(|s| s.1), sum(|s| s.4)),
        (Direction::Outgoing, sum(|s| s.2), sum(|s| s.5)),
    ];
    let mut total = 0;
    for (direction, made, got) in sides {
        match side {
            Side::Src => total += made,
            Side::Dst => total += got,
            Side::Either => total += made + got,
        }
        if side == Side::Either && made > 0 && got > 0 {
            let by = if got < made { Of::Got } else { Of::Made };
            let both = meant.calls_of_both(by, direction);
            total -= counted(&mut moment, both).await?;
        }
    }
    moment.commit().await?;
    Ok(total)
}

/// Calls made: internal, incoming, outgoing; and calls got.
type Sums = (i64, i64, i64, i64, i64, i64);

/// What is added up of a number: calls that it made, and calls that it got.
#[derive(Debug, Clone, Copy)]
enum Of {
    Made,
    Got,
}

impl Of {
    const ALL: [Self; 2] = [Self::Made, Self::Got];

    /// The sum of all outcomes.
    fn column(self, direction: Direction) -> CallNumber {
        match (self, direction) {
            (Self::Made, Direction::Internal) => CallNumber::MadeInternal,
            (Self::Made, Direction::Incoming) => CallNumber::MadeIncoming,
            (Self::Made, Direction::Outgoing) => CallNumber::MadeOutgoing,
            (Self::Got, Direction::Internal) => CallNumber::GotInternal,
            (Self::Got, Direction::Incoming) => CallNumber::GotIncoming,
            (Self::Got, Direction::Outgoing) => CallNumber::GotOutgoing,
        }
    }

    /// Where one outcome stands among the sums, as `pbx.number_place` says.
    fn place(self, direction: Direction, outcome: Outcome) -> i32 {
        let side = match self {
            Self::Made => 0,
            Self::Got => 12,
        };
        let direction = match direction {
            Direction::Internal => 0,
            Direction::Incoming => 4,
            Direction::Outgoing => 8,
        };
        let outcome = match outcome {
            Outcome::Answered => 1,
            Outcome::Missed => 2,
            Outcome::Busy => 3,
            Outcome::Failed => 4,
        };
        side + direction + outcome
    }
}

/// Calls of whole numbers, on one side or on either.
struct Meant<'a> {
    search: &'a Search,
    side: Side,
    numbers: &'a Numbers,
}

impl Meant<'_> {
    /// [`Sums`], of what is added up and of what waits for it.
    fn sums(&self) -> SelectStatement {
        let lists = Of::ALL
            .into_iter()
            .flat_map(|of| Direction::ALL.map(|direction| (of, direction)));
        let list = |sum: &dyn Fn(Of, Direction) -> Expr| {
            let only = self.search.filter().direction;
            let sums = lists.clone().map(|(of, direction)| {
                if only.is_some_and(|only| only != direction) {
                    return Expr::val(0_i64);
                }
                let sum = Func::sum(sum(of, direction));
                Func::coalesce([sum.into(), Expr::val(0_i64)]).into()
            });
            sums.collect::<Vec<Expr>>()
        };
        let mut added_up = Query::select();
        added_up
            .exprs(list(&|of, direction| self.added_up(of, direction)))
            .from_as((Pbx::Schema, CallNumber::Table), S)
            .and_where_option(self.is_meant(Expr::col((S, CallNumber::Number))));
        let mut waiting = Query::select();
        waiting
            .exprs(list(&|of, direction| {
                let is_there = self.waits(of, direction);
                Expr::case(is_there, Expr::col((S, CallNumberDelta::Calls))).into()
            }))
            .from_as((Pbx::Schema, CallNumberDelta::Table), S)
            .and_where_option(self.is_meant(Expr::col((S, CallNumberDelta::Number))));
        added_up.union(UnionType::All, waiting);
        added_up
    }

    /// Of a number, as `s`.
    fn added_up(&self, of: Of, direction: Direction) -> Expr {
        match self.search.filter().outcome {
            None => Expr::col((S, of.column(direction))),
            // What is between the brackets cannot be bound here; it is a number of ours.
            Some(outcome) => Expr::cust_with_expr(
                format!("($1)[{}]", of.place(direction, outcome)),
                Expr::col((S, CallNumber::Calls)),
            ),
        }
    }

    /// Whether what waits is of these, as `s`.
    fn waits(&self, of: Of, direction: Direction) -> Expr {
        let only = self.search.filter().outcome;
        let outcomes = Outcome::ALL.into_iter();
        let outcomes = outcomes.filter(|outcome| only.is_none_or(|only| only == *outcome));
        let places = outcomes.map(|outcome| of.place(direction, outcome));
        Expr::col((S, CallNumberDelta::Place)).is_in(places)
    }

    /// Whether a number is one of these.
    fn is_meant(&self, number: Expr) -> Option<Expr> {
        match self.numbers {
            Numbers::Few(_) => {
                let mut few = Query::select();
                few.column((N, N));
                self.search.read_numbers(&mut few, self.side, self.numbers);
                Some(number.in_subquery(few))
            }
            Numbers::Many => contains(&number, self.part()),
        }
    }

    fn part(&self) -> &[String] {
        self.search.part(self.side).unwrap_or_default()
    }

    /// Calls of which both numbers match, as `c`: looked for by those numbers only that made, or got, any in this direction.
    fn calls_of_both(&self, of: Of, direction: Direction) -> SelectStatement {
        let search = self.search.towards(direction);
        let (by, other) = match of {
            Of::Made => (Call::Src, Call::Dst),
            Of::Got => (Call::Dst, Call::Src),
        };
        let mut of_one = search.of_one(by);
        of_one
            .and_where_option(like(C, other, self.part()))
            .offset(0);
        let mut numbers = Query::select();
        numbers
            .expr_as(Expr::col((S, CallNumber::Number)), N)
            .from_as((Pbx::Schema, CallNumber::Table), S)
            .and_where_option(self.is_meant(Expr::col((S, CallNumber::Number))))
            .and_where(self.added_up(of, direction).gt(0));
        let mut waiting = Query::select();
        waiting
            .expr_as(Expr::col((S, CallNumberDelta::Number)), N)
            .from_as((Pbx::Schema, CallNumberDelta::Table), S)
            .and_where_option(self.is_meant(Expr::col((S, CallNumberDelta::Number))))
            .and_where(self.waits(of, direction));
        numbers.union(UnionType::Distinct, waiting);
        let mut query = Query::select();
        query.from_subquery(numbers, N).join_lateral(
            JoinType::InnerJoin,
            of_one,
            C,
            Expr::cust("true"),
        );
        query
    }
}
