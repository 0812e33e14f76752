//! What a step from a resource leads to: what every resource has, a property and what claims to set it, and those who name it.
//!
//! It knows nothing of the steps before and after.

use crate::graph::text::Text;
use crate::graph::{Claim, Hop, ResourceId, Standing};
use crate::rule::memo::Places;
use crate::rule::path::{Alternative, Element, Item, MAX_ALTERNATIVES, Scope, Wanted, is_own_word};
use crate::value::{Cause, CauseKind, ValueKind};
use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Scope<'_> {
    pub(super) fn property(&self, id: ResourceId, name: &Arc<str>, from: Alternative, into: &mut Vec<Alternative>) {
        let resource = self.graph.resource(id);
        let own = match &**name {
            word if !is_own_word(word) => None,
            "name" => Some(self.graph.name(id).clone()),
            "arn" => Some(self.graph.arn(id)),
            "region" => Some(self.graph.region(id)),
            "account" => Some(self.graph.account(id)),
            "type" => Some(Text::known(&resource.type_name)),
            "address" => Some(Text::known(&resource.address.0)),
            _ => return into.push(Alternative { item: Item::Truth(resource.exists), causes: resource.exists_causes.clone(), ..from }),
        };
        if let Some(text) = own {
            return into.push(Alternative { item: Item::Text(text), ..from });
        }
        let Some(kind) = self.graph.kind_of(id) else { return into.push(Alternative { item: Item::Absent, ..from }) };
        let vocabulary = kind.vocabulary.contains_key(name);
        if !vocabulary {
            return into.push(Alternative { item: self.those_who_name(id, name), ..from });
        }
        let (claims, unsaid) = self.graph.property(id, name);
        if kind.adds_up.contains(name) {
            return into.push(Alternative { item: self.added_up(claims, unsaid, id, name), ..from });
        }
        self.claimed(claims, unsaid, id, name, from, into);
    }

    /// A property whose claims add up: the elements of all of them.
    fn added_up(&self, claims: &[Claim], unsaid: Vec<Cause>, owner: ResourceId, name: &Arc<str>) -> Item {
        let (mut elements, mut open) = (Vec::new(), unsaid);
        for claim in claims {
            if elements.len() > self.affordable() {
                break;
            }
            if let ValueKind::Unknown(unknown) = &claim.value.kind {
                open.extend(unknown.causes.iter().cloned());
                continue;
            }
            let items = claim.value.as_items().unwrap_or(std::slice::from_ref(&claim.value)).iter().take(self.affordable()).cloned();
            let shown = claim.span.filter(|_| self.wanted == Wanted::Proof);
            let hops: Vec<Hop> = shown.map(|span| Hop { span, message: [name, " is set here"].concat() }).into_iter().collect();
            elements.extend(items.map(|value| Element {
                item: Item::Value { value, owner, at: Arc::clone(name) },
                certainty: claim.certainty,
                causes: claim.causes.clone(),
                hops: hops.clone(),
            }));
        }
        if elements.is_empty() && open.is_empty() { Item::Absent } else { Item::List(elements, open) }
    }

    /// The alternatives of a property of which one claim wins.
    fn claimed(
        &self,
        claims: &[Claim],
        unsaid: Vec<Cause>,
        id: ResourceId,
        name: &Arc<str>,
        mut from: Alternative,
        into: &mut Vec<Alternative>,
    ) {
        let certain = claims.iter().filter(|claim| claim.certainty.is_true()).take(1).count();
        // Of too many none is looked at.
        for (at, claim) in claims.iter().enumerate().take(MAX_ALTERNATIVES + 1) {
            let item = Item::Value { value: claim.value.clone(), owner: id, at: Arc::clone(name) };
            let span = claim.span.or_else(|| claim.value.origin.span());
            if self.wanted == Wanted::Truth {
                into.push(Alternative { span, ..Alternative::of(item) });
                continue;
            }
            // The way here goes on with the last of what may stand there.
            let is_last = certain > 0 && at + 1 == claims.len();
            let here = if is_last { std::mem::replace(&mut from, Alternative::of(Item::Absent)) } else { from.clone() };
            let Alternative { mut causes, mut hops, .. } = here;
            causes.extend(claim.causes.iter().cloned());
            if claim.certainty.is_true() && claims.len() > 1 {
                causes.push(Cause::new(CauseKind::Unshown, format!("which of {} settings of {name} holds", claims.len()), claim.span));
            }
            hops.extend(self.claim_hop(claim, id, name));
            into.push(Alternative { item, causes, hops, span });
        }
        if certain == 0 {
            let item = if unsaid.is_empty() { Item::Absent } else { Item::Unknown(unsaid) };
            let causes = claims.iter().flat_map(|claim| claim.causes.iter().cloned()).collect();
            into.push(Alternative { item, causes, hops: from.hops, span: from.span });
        }
    }

    fn claim_hop(&self, claim: &Claim, id: ResourceId, name: &str) -> Option<Hop> {
        let resource = self.graph.resource(id);
        let kind = self.graph.kind_of(id)?;
        let what = kind.vocabulary.get(name).map_or(name, String::as_str);
        let by = match claim.satellite {
            Some(at) => ["`", &resource.address.0, "`: ", what, ", set by `", &self.graph.declarations()[at].address.0, "`"].concat(),
            None => ["`", &resource.address.0, "`: ", what].concat(),
        };
        Some(Hop { span: claim.span?, message: by })
    }

    /// The resources that name this one.
    fn those_who_name(&self, id: ResourceId, inverse: &str) -> Item {
        let mut elements: Vec<Element> = Vec::new();
        let mut cut = None;
        let mut known = BTreeSet::new();
        let project = self.graph.resource(id).project;
        let at_home = LazyCell::new(|| self.memo.at_home(id, inverse, || self.namers_at_home(id, inverse)));
        for edge in self.steps.each(self.graph.incoming(id, inverse)) {
            let Some(edge) = edge else {
                cut = Some(self.steps.cause());
                break;
            };
            let namer = self.graph.resource(edge.from);
            if !known.insert(edge.from) || (namer.project != project && at_home.contains(&namer.span)) {
                continue;
            }
            // What does not exist names nothing.
            let (certainty, mut causes) = (edge.certainty.and(namer.exists), edge.causes.clone());
            if certainty.is_unknown() && namer.standing != Standing::Outside {
                causes.extend(namer.exists_causes.iter().cloned());
            }
            let mut hops = Vec::new();
            if self.wanted == Wanted::Proof {
                hops.extend(namer.span.map(|span| Hop { span, message: ["`", &namer.address.0, "` names it"].concat() }));
                hops.extend(edge.evidence.first().cloned());
            }
            elements.push(Element { item: Item::Resource(edge.from), certainty, causes, hops });
        }
        let beyond = self.graph.more_may_name(self.graph.resource(id));
        Item::List(elements, beyond.chain(self.graph.doubles(id)).chain(cut).collect())
    }

    /// Where those stand who name a resource of their own project. A block that several projects use is one namer: the one of this project, if
    /// there is one.
    fn namers_at_home(&self, id: ResourceId, inverse: &str) -> Places {
        let project = self.graph.resource(id).project;
        let namers = self.graph.incoming(id, inverse).map(|edge| self.graph.resource(edge.from));
        namers.filter(|namer| namer.project == project).map(|namer| namer.span).collect()
    }
}
