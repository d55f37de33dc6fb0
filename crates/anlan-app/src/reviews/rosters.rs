//! What posts and their rows say of looks: as what somebody looked, whether it was their shift, who held the post beside
//! them, and in whose place. Pure; rows are never written backwards, so they say what was known then.

use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, PostId};
use anlan_model::posts::{Post, PostRow, Roster, RowKind};
use anlan_model::reviews::Mandate;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// Posts and the rows of some days, found by person and by post.
#[derive(Debug, Clone, Default)]
pub struct Rosters {
    posts: HashMap<PostId, Post>,
    of_account: HashMap<AccountId, Vec<PostRow>>,
    of_post: HashMap<PostId, BTreeSet<AccountId>>,
}

impl Rosters {
    /// Those posts and rows.
    pub fn new(posts: Vec<Post>, rows: Vec<PostRow>) -> Self {
        let mut found = Self {
            posts: posts.into_iter().map(|post| (post.id, post)).collect(),
            ..Self::default()
        };
        for row in rows {
            if row.kind != RowKind::Shift {
                found.of_post.entry(row.post).or_default().insert(row.account);
            }
            found.of_account.entry(row.account).or_default().push(row);
        }
        found
    }

    /// As whom somebody looked who acted for a post: with its roles, office and area, and not their own.
    pub fn acting(&self, account: &Account, post: Option<PostId>) -> Account {
        let Some(post) = post.and_then(|post| self.posts.get(&post)) else {
            return account.clone();
        };
        Account {
            roles: post.roles.clone(),
            office: Some(post.office),
            division: post.division.clone(),
            ..account.clone()
        }
    }

    /// Who else is a member or deputy of a post.
    pub fn beside(&self, account: AccountId, post: Option<PostId>) -> impl Iterator<Item = AccountId> + '_ {
        let all = post.and_then(|post| self.of_post.get(&post));
        all.into_iter()
            .flatten()
            .copied()
            .filter(move |other| *other != account)
    }

    /// Whether it was somebody's shift; `None` where no roster says.
    pub fn is_on_shift(&self, account: AccountId, post: Option<PostId>, at: Timestamp) -> Option<bool> {
        let rows = self.of_account.get(&account).map_or(&[][..], Vec::as_slice);
        let is_shift = |row: &&PostRow| row.kind == RowKind::Shift && row.holds(at);
        if rows
            .iter()
            .any(|row| is_shift(&row) && post.is_none_or(|post| row.post == post))
        {
            return Some(true);
        }
        let post = self.posts.get(&post?)?;
        (post.roster != Roster::None).then_some(false)
    }

    /// The orders by which people stood in for others.
    pub fn mandates(&self) -> impl Iterator<Item = Mandate> + '_ {
        let rows = self.of_account.values().flatten();
        rows.filter_map(|row| {
            Some(Mandate {
                account: row.account,
                from: row.from,
                until: row.until?,
                deputy_for: Some(row.stands_for?),
                class: String::new(),
                division: String::new(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anlan_model::accounts::Role;
    use anlan_model::ids::{OfficeId, PostRowId};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn row(kind: RowKind, account: i64, stands_for: Option<i64>) -> PostRow {
        PostRow {
            id: PostRowId(0),
            post: PostId(1),
            kind,
            account: AccountId(account),
            stands_for: stands_for.map(AccountId),
            from: at(100),
            until: Some(at(200)),
            reference: String::new(),
            by: AccountId(9),
            at: at(0),
            ended_by: None,
        }
    }

    fn rosters(roster: Roster) -> Rosters {
        let post = Post {
            id: PostId(1),
            name: "duty".into(),
            office: OfficeId(7),
            division: "990101".into(),
            roles: vec![Role::Officer],
            roster,
            is_active: true,
        };
        let rows = vec![
            row(RowKind::Member, 1, None),
            row(RowKind::Shift, 1, None),
            row(RowKind::Deputy, 2, Some(1)),
        ];
        Rosters::new(vec![post], rows)
    }

    #[test]
    fn shifts_say_whose_time_it_was_where_a_roster_is_kept() {
        let (one, post) = (AccountId(1), Some(PostId(1)));
        let kept = rosters(Roster::Kept);
        assert_eq!(kept.is_on_shift(one, post, at(150)), Some(true));
        assert_eq!(kept.is_on_shift(one, post, at(200)), Some(false));
        assert_eq!(kept.is_on_shift(one, None, at(150)), Some(true));
        assert_eq!(kept.is_on_shift(one, None, at(200)), None);
        assert_eq!(kept.is_on_shift(AccountId(2), post, at(150)), Some(false));
        let free = rosters(Roster::None);
        assert_eq!(free.is_on_shift(AccountId(2), post, at(150)), None);
    }

    #[test]
    fn a_post_counts_instead_of_the_person_and_deputies_have_an_order() {
        let rosters = rosters(Roster::None);
        let account = Account {
            id: AccountId(2),
            name: "li".into(),
            display_name: "Li".into(),
            roles: vec![Role::Clerk],
            office: None,
            division: String::new(),
            is_active: true,
        };
        let acting = rosters.acting(&account, Some(PostId(1)));
        assert_eq!(
            (acting.roles, acting.office),
            (vec![Role::Officer], Some(OfficeId(7)))
        );
        assert_eq!(rosters.acting(&account, None), account);
        let beside: Vec<_> = rosters.beside(AccountId(2), Some(PostId(1))).collect();
        assert_eq!(beside, [AccountId(1)]);
        let orders: Vec<_> = rosters.mandates().collect();
        assert_eq!(orders.len(), 1);
        assert_eq!(
            (orders[0].account, orders[0].deputy_for),
            (AccountId(2), Some(AccountId(1)))
        );
    }
}
