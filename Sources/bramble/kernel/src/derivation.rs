//! The derivation tree: where each capability comes from, across all domains.
//!
//! Every capability knows its parent, its first child and its siblings, so that revoking costs no
//! more than what is revoked. Nothing here needs memory but the slot that is filled.

use bramble_abi::{Error, rights, slot};

use crate::capability::{Capability, Links, Object, Origin};
use crate::domain::{self, Domain};

/// Derives a capability into the first free place of a domain; its number there. A badge that is
/// set stays; only a capability without one can be given one.
pub fn derive(
    (from, number): (&Domain, u64),
    mask: u8,
    badge: u64,
    to: &Domain,
) -> Result<u64, Error> {
    let place = to.capabilities.lock().free_place()?;
    derive_at((from, number), mask, badge, (to, place))
}

/// Derives a capability into a place that is free.
pub fn derive_at(
    (from, number): (&Domain, u64),
    mask: u8,
    badge: u64,
    (to, place): (&Domain, usize),
) -> Result<u64, Error> {
    let source = from.capabilities.lock().get(number)?.require(rights::GRANT)?;
    if badge != 0 && source.badge != 0 && badge != source.badge {
        return Err(Error::InvalidArgument);
    }
    let parent = Origin { domain: from.id, slot: slot::place(number) };
    let links =
        Links { parent: Some(parent), next_sibling: source.links.first_child, ..Links::default() };
    let capability = Capability {
        rights: source.rights & mask,
        badge: if badge == 0 { source.badge } else { badge },
        links,
        ..source
    };
    let derived = fill((to, place), capability)?;
    let child = Origin { domain: to.id, slot: place };
    splice(&links, Some((child, child)));
    Ok(derived)
}

/// Puts a capability that is derived from nothing into the first free place of a domain.
pub fn hold(holder: &Domain, object: Object) -> Result<u64, Error> {
    let place = holder.capabilities.lock().free_place()?;
    fill((holder, place), Capability::original(object))
}

/// Gives what a message grants: a derived capability, or the sender's own one if it is to move.
/// `None` if there is nothing to give any more, or no room for it.
pub fn grant(from: &Domain, to: &Domain, granted: Option<u64>) -> Option<u64> {
    let granted = granted?;
    let number = granted & !slot::MOVE;
    if granted & slot::MOVE == 0 {
        return derive((from, number), rights::ALL, 0, to).ok();
    }
    relocate((from, number), to).ok()
}

/// Moves a capability, with its position in the tree, to the first free place of a domain; its
/// number there.
pub fn relocate((from, number): (&Domain, u64), to: &Domain) -> Result<u64, Error> {
    let capability = from.capabilities.lock().get(number)?;
    let (object, links) = (capability.object.clone(), capability.links);
    let place = to.capabilities.lock().free_place()?;
    let moved = fill((to, place), capability)?;
    let old = Origin { domain: from.id, slot: slot::place(number) };
    let new = Origin { domain: to.id, slot: place };
    if old.domain == new.domain {
        object.moved(old, new);
    }
    drop(take(old));
    splice(&links, Some((new, new)));
    adopt(links.first_child, Some(new));
    object.settle();
    Ok(moved)
}

/// Removes everything derived from a capability, however far it has travelled; how many.
pub fn revoke(holder: &Domain, number: u64) -> Result<u64, Error> {
    let object = holder.capabilities.lock().get(number)?.object;
    let root = Origin { domain: holder.id, slot: slot::place(number) };
    // Children first. What points to its children no more has lost them already; siblings need not
    // be told of each other, as all of them go.
    let mut removed = 0;
    let mut next = edit(root, |it| it.links.first_child.take());
    let mut holder = holder.clone();
    while let Some(place) = next {
        // Most of them are in one domain.
        if holder.id != place.domain {
            holder = domain::find(place.domain).expect("a link leads to a domain");
        }
        next = edit_in(&holder, place.slot, |it| it.links.first_child.take());
        if next.is_none() {
            let links = take_from(&holder, place.slot).map(|it| it.links).unwrap_or_default();
            next = links.next_sibling.or(links.parent.filter(|&parent| parent != root));
            removed += 1;
        }
    }
    object.settle();
    Ok(removed)
}

/// Removes one capability. What was derived from it is now derived from its parent.
pub fn delete(holder: &Domain, number: u64) -> Result<(), Error> {
    let place = holder.capabilities.lock().find(number)?;
    let Some(removed) = take(Origin { domain: holder.id, slot: place }) else {
        return Err(Error::InvalidSlot);
    };
    let links = removed.links;
    let last = adopt(links.first_child, links.parent);
    splice(&links, links.first_child.zip(last));
    removed.object.settle();
    Ok(())
}

/// Fills a free place; its number.
pub fn fill((to, place): (&Domain, usize), capability: Capability) -> Result<u64, Error> {
    let object = capability.object.clone();
    let number = to.capabilities.lock().put(place, capability)?;
    to.account.capabilities.add(1);
    object.held();
    Ok(number)
}

fn take(place: Origin) -> Option<Capability> {
    take_from(&domain::find(place.domain)?, place.slot)
}

fn take_from(holder: &Domain, slot: usize) -> Option<Capability> {
    let taken = holder.capabilities.lock().take(slot)?;
    holder.account.capabilities.remove(1);
    taken.object.released(Origin { domain: holder.id, slot });
    Some(taken)
}

/// Lets a chain of siblings (first and last), or nothing, take the position that `links` describe
/// among the children of a parent.
fn splice(links: &Links, chain: Option<(Origin, Origin)>) {
    let Some(parent) = links.parent else { return };
    let (first, last) = chain.unzip();
    let successor = first.or(links.next_sibling);
    match links.previous_sibling {
        Some(previous) => edit(previous, |it| it.links.next_sibling = successor),
        None => edit(parent, |it| it.links.first_child = successor),
    }
    if let Some(next) = links.next_sibling {
        edit(next, |it| it.links.previous_sibling = last.or(links.previous_sibling));
    }
    if let Some((first, last)) = chain {
        edit(first, |it| it.links.previous_sibling = links.previous_sibling);
        edit(last, |it| it.links.next_sibling = links.next_sibling);
    }
}

/// Gives a chain of siblings another parent, or makes originals of them; the last one.
fn adopt(first: Option<Origin>, parent: Option<Origin>) -> Option<Origin> {
    let mut last = None;
    let mut next = first;
    while let Some(child) = next {
        next = edit(child, |it| {
            let next = it.links.next_sibling;
            let family = Links { parent, ..it.links };
            let alone = Links { first_child: it.links.first_child, ..Links::default() };
            it.links = if parent.is_some() { family } else { alone };
            next
        });
        last = Some(child);
    }
    last
}

/// Works on a capability that a link leads to: links never dangle.
fn edit<R>(place: Origin, work: impl FnOnce(&mut Capability) -> R) -> R {
    let holder = domain::find(place.domain).expect("a link leads to a domain");
    edit_in(&holder, place.slot, work)
}

fn edit_in<R>(holder: &Domain, slot: usize, work: impl FnOnce(&mut Capability) -> R) -> R {
    let mut table = holder.capabilities.lock();
    let capability = table.slots.get_mut(slot).and_then(Option::as_mut);
    work(capability.expect("a link leads to a capability"))
}

/// Counts the capabilities of a domain with a link that no other one answers.
pub fn count_unsound(holder: &Domain) -> usize {
    let places = holder.capabilities.lock().slots.len();
    let all = (0..places).map(|slot| Origin { domain: holder.id, slot });
    all.filter(|&place| links(place).is_some_and(|links| !is_sound(place, &links))).count()
}

fn is_sound(place: Origin, own: &Links) -> bool {
    let here = Some(place);
    let check = |other: Option<Origin>, answers: &dyn Fn(Links) -> bool| match other {
        Some(other) => links(other).is_some_and(answers),
        None => true,
    };
    let first = own.previous_sibling.is_none();
    check(own.first_child, &|child| child.parent == here && child.previous_sibling.is_none())
        && check(own.next_sibling, &|next| {
            next.previous_sibling == here && next.parent == own.parent
        })
        && check(own.previous_sibling, &|previous| previous.next_sibling == here)
        && check(own.parent, &|parent| !first || parent.first_child == here)
}

/// The links of what is at a place, if anything.
fn links(place: Origin) -> Option<Links> {
    let table = &domain::find(place.domain)?.capabilities;
    Some(table.lock().slots.get(place.slot)?.as_ref()?.links)
}
