//! In whose account resources are, and which are near others: those of one project, and those whose account is known to be the same.
//!
//! What the account of a resource is, its provider configuration, its template or a fact says; that is not known here.

use crate::graph::text::{self, Text};
use crate::graph::{Graph, ResourceId};
use crate::table::{IndexMap, IndexSet};
use crate::value::{Cause, ProjectId, Truth};
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

/// Resources by kind, and by what puts them near others: their project, or an account that is known to be the same.
#[derive(Debug, Default)]
pub(super) struct Near {
    /// The account of every resource, in their order.
    of_each: Vec<Account>,
    projects: IndexMap<(Arc<str>, Option<ProjectId>), Vec<ResourceId>>,
    accounts: IndexMap<(Arc<str>, usize), Vec<ResourceId>>,
    /// The accounts of each project, and the projects of each account that is known to be one.
    accounts_of: BTreeMap<Option<ProjectId>, BTreeSet<usize>>,
    projects_of: BTreeMap<usize, BTreeSet<Option<ProjectId>>>,
    /// How many projects and accounts there are, or some more.
    places: usize,
}

/// The account of a resource.
#[derive(Clone, Debug)]
struct Account {
    text: Arc<Text>,
    /// A number that accounts which are written alike share.
    number: usize,
    /// Whether those that are written alike are known to be the same.
    has_identity: bool,
}

impl Graph {
    /// The resources of a kind that may be in a resource's account: those of its project, and those whose account is known to be the same;
    /// in their order.
    pub fn near(&self, id: ResourceId, kind: &str) -> impl Iterator<Item = ResourceId> {
        let near = self.nearness();
        let kind: Arc<str> = Arc::from(kind);
        let of_project = near.projects.get(&(Arc::clone(&kind), self.resource(id).project));
        let account = &near.of_each[id.0 as usize];
        let of_account = if account.has_identity { near.accounts.get(&(kind, account.number)) } else { None };
        each_once(of_project.map_or(&[], Vec::as_slice), of_account.map_or(&[], Vec::as_slice))
    }

    /// In how many places resources are, as projects and accounts tell them apart.
    pub fn places(&self) -> usize {
        self.nearness().places
    }

    fn nearness(&self) -> &Near {
        self.near.get_or_init(|| {
            let mut near = Near::default();
            let mut numbers: IndexSet<String> = IndexSet::default();
            // Most resources share the very account of another one's provider configuration.
            let mut known: IndexMap<(ProjectId, &Arc<str>, usize), usize> = IndexMap::default();
            for resource in &self.resources {
                near.projects.entry((Arc::clone(&resource.kind), resource.project)).or_default().push(resource.id);
                let declaration =
                    resource.declaration.filter(|_| !self.facts.contains_key(&resource.id)).map(|at| &self.declarations()[at]);
                let place = declaration.and_then(|it| Some((it.project, &it.provider, it.account.identity()?)));
                let account = match place.and_then(|place| known.get(&place)) {
                    Some(at) => near.of_each[*at].clone(),
                    None => {
                        let text = Arc::new(self.account(resource.id));
                        let (number, has_identity) = (numbers.insert_full(text.key()).0, text.has_identity());
                        known.extend(place.map(|place| (place, near.of_each.len())));
                        Account { text, number, has_identity }
                    }
                };
                near.accounts_of.entry(resource.project).or_default().insert(account.number);
                if account.has_identity {
                    near.projects_of.entry(account.number).or_default().insert(resource.project);
                    near.accounts.entry((Arc::clone(&resource.kind), account.number)).or_default().push(resource.id);
                }
                let place = |account: &Account, project| (account.number, project);
                let before = near.of_each.last().zip(resource.id.0.checked_sub(1));
                let before = before.map(|(account, at)| place(account, self.resource(ResourceId(at)).project));
                near.places += usize::from(before != Some(place(&account, resource.project)));
                near.of_each.push(account);
            }
            near
        })
    }

    /// A number that resources share whose accounts are written alike.
    pub fn account_number(&self, id: ResourceId) -> usize {
        self.nearness().of_each[id.0 as usize].number
    }

    /// From how many accounts and projects those who are near a resource are near the same others, as far as it knows.
    pub fn neighbourhood(&self, id: ResourceId) -> usize {
        let near = self.nearness();
        let accounts = near.accounts_of.get(&self.resource(id).project).map_or(0, BTreeSet::len);
        let account = Some(&near.of_each[id.0 as usize]).filter(|account| account.has_identity);
        accounts + account.and_then(|account| near.projects_of.get(&account.number)).map_or(0, BTreeSet::len)
    }

    /// Whether two resources are in one account, and why that is not known.
    pub fn in_one_account(&self, a: ResourceId, b: ResourceId) -> (Truth, Vec<Cause>) {
        let near = self.nearness();
        let (one, other) = (&near.of_each[a.0 as usize], &near.of_each[b.0 as usize]);
        if one.has_identity && one.number == other.number {
            return (Truth::True, Vec::new());
        }
        match text::same(&one.text, &other.text) {
            Truth::Unknown => (Truth::Unknown, one.text.causes.iter().chain(&other.text.causes).cloned().collect()),
            truth => (truth, Vec::new()),
        }
    }
}

/// What stands in either of two lists in order, in order and once.
fn each_once<'a>(mut one: &'a [ResourceId], mut other: &'a [ResourceId]) -> impl Iterator<Item = ResourceId> + 'a {
    iter::from_fn(move || {
        let next = one.first().into_iter().chain(other.first()).min().copied()?;
        for list in [&mut one, &mut other] {
            if let Some(rest) = list.strip_prefix(&[next]) {
                *list = rest;
            }
        }
        Some(next)
    })
}
