//! Calls of whole numbers: each number by the index of those who called and of those who were called. The number comes
//! first and its calls are looked up for it, whatever the planner thinks of how many there are: that is what `offset 0` is
//! for.

use sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement, UnionType};

use super::search::As::{C, F, K, N, O};
use super::search::{Numbers, Search, Side, contains, like};
use crate::domain::call::Page;
use crate::realtime::tables::{Call, CallNumber, Pbx};

/// What is selected, counted and added up of them; the indexes of numbers have it all.
const COLUMNS: [Call; 6] = [
    Call::Id,
    Call::StartedAt,
    Call::Direction,
    Call::Outcome,
    Call::Duration,
    Call::Billsec,
];

impl Search {
    /// The numbers, as `n`.
    pub(super) fn read_numbers(&self, query: &mut SelectStatement, side: Side, numbers: &Numbers) {
        match numbers {
            Numbers::Few(numbers) => {
                query.from_function(Func::cust("unnest").arg(numbers.clone()), N);
            }
            Numbers::Many => {
                let number = Expr::col((F, CallNumber::Number));
                let is_found = contains(&number, self.part(side).unwrap_or_default());
                let mut found = Query::select();
                found
                    .expr_as(number, N)
                    .from_as((Pbx::Schema, CallNumber::Table), F)
                    .and_where_option(is_found);
                query.from_subquery(found, N);
            }
        }
    }

    /// The calls of one number, on one side.
    pub(super) fn of_one(&self, column: Call) -> SelectStatement {
        let mut query = Query::select();
        query
            .columns(COLUMNS.map(|column| (C, column)))
            .from_as((Pbx::Schema, Call::Table), C)
            .and_where(Expr::col((C, column)).equals((N, N)));
        self.restrict(&mut query);
        query
    }

    /// All of them, as `c`. A call of which both numbers match is found with the one that called.
    pub(super) fn calls_of(&self, side: Side, numbers: &Numbers) -> SelectStatement {
        let mut of_one = match side {
            Side::Src | Side::Either => self.of_one(Call::Src),
            Side::Dst => self.of_one(Call::Dst),
        };
        if side == Side::Either {
            let mut called = self.of_one(Call::Dst);
            let is_found = like(C, Call::Src, self.part(side).unwrap_or_default());
            called.and_where_option(is_found.map(Expr::not));
            of_one.union(UnionType::All, called);
        }
        of_one.offset(0);
        let mut query = Query::select();
        self.read_numbers(&mut query, side, numbers);
        query.join_lateral(JoinType::InnerJoin, of_one, C, Expr::cust("true"));
        query
    }

    /// The newest calls of each number, on one side: at most so many, and where there is a moment `o`, not those before it.
    fn newest_of_each(
        &self,
        (side, column, numbers): (Side, Call, &Numbers),
        page: Page,
        is_bound: bool,
    ) -> SelectStatement {
        let mut of_one = self.of_one(column);
        if is_bound {
            let oldest = Expr::col((O, O));
            of_one.and_where(Expr::col((C, Call::StartedAt)).gte(oldest));
        }
        self.cut(&mut of_one, page);
        let mut each = Query::select();
        each.columns([(K, Call::Id), (K, Call::StartedAt)]);
        self.read_numbers(&mut each, side, numbers);
        each.join_lateral(JoinType::InnerJoin, of_one, K, Expr::cust("true"));
        each
    }

    /// The same on either side, each call once.
    fn newest(
        &self,
        (side, numbers): (Side, &Numbers),
        page: Page,
        is_bound: bool,
    ) -> SelectStatement {
        let each = |column| self.newest_of_each((side, column, numbers), page, is_bound);
        match side {
            Side::Src => each(Call::Src),
            Side::Dst => each(Call::Dst),
            Side::Either => {
                let mut either = each(Call::Src);
                either.union(UnionType::Distinct, each(Call::Dst));
                either
            }
        }
    }

    /// Keys of the calls of a page. The newest call of each number says how old the oldest call of the page can be; of
    /// nearly all numbers only few calls are as new as that.
    pub(super) fn keys_of(&self, side: Side, numbers: &Numbers, page: Page) -> SelectStatement {
        let whole = Page {
            limit: page.limit.saturating_add(page.offset),
            offset: 0,
            ..page
        };
        let is_few =
            |found: &Vec<String>| u64::try_from(found.len()).is_ok_and(|n| n <= whole.limit);
        let is_bound = !matches!(numbers, Numbers::Few(found) if is_few(found));
        let found = self.newest((side, numbers), whole, is_bound);
        let mut keys = Query::select();
        keys.columns([(F, Call::Id), (F, Call::StartedAt)])
            .order_by((F, Call::StartedAt), Order::Desc)
            .order_by((F, Call::Id), Order::Desc)
            .limit(page.limit)
            .offset(page.offset);
        if is_bound {
            keys.from_subquery(self.oldest((side, numbers), whole), O)
                .join_lateral(JoinType::InnerJoin, found, F, Expr::cust("true"));
        } else {
            keys.from_subquery(found, F);
        }
        keys
    }

    /// The moment before which no call can be on a page, as `o`; found once.
    fn oldest(&self, numbers: (Side, &Numbers), page: Page) -> SelectStatement {
        let newest = self.newest(numbers, Page { limit: 1, ..page }, false);
        let mut last = Query::select();
        last.column((F, Call::StartedAt))
            .from_subquery(newest, F)
            .order_by((F, Call::StartedAt), Order::Desc)
            .offset(page.limit.saturating_sub(1))
            .limit(1);
        let ever = Expr::cust("'-infinity'::timestamptz");
        let mut oldest = Query::select();
        oldest
            .expr_as(Func::coalesce([Expr::from(last), ever]), O)
            .offset(0);
        oldest
    }

    /// Keys of the calls of a page, as far as they are among so many of the newest of any number: read from the newest on, and
    /// no further than the page is full.
    pub(super) fn keys_among_newest(&self, page: Page, through: u64) -> SelectStatement {
        let columns = [Call::Id, Call::StartedAt, Call::Src, Call::Dst];
        let mut newest = self.of_any_number().calls();
        newest.columns(columns.map(|column| (C, column)));
        let first = Page {
            offset: 0,
            limit: through,
            ..page
        };
        self.by_time().cut(&mut newest, first);
        let mut keys = Query::select();
        keys.columns([(C, Call::Id), (C, Call::StartedAt)])
            .from_subquery(newest, C)
            .and_where_option(self.by_time().of_numbers())
            .order_by((C, Call::StartedAt), Order::Desc)
            .order_by((C, Call::Id), Order::Desc)
            .limit(page.limit);
        if page.offset > 0 {
            keys.offset(page.offset);
        }
        keys
    }
}
