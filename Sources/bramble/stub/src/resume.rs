//! How the machine goes on: `c`, `s`, `C`, `S`, `vCont`, `D`, `k`.

use crate::hex;
use crate::target::MOST_CPUS;

/// What one CPU does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Stays where it is.
    Stay,
    /// Executes one instruction.
    Step,
    Continue,
}

/// What happens after a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// Each CPU has its action; the debugger waits for the next stop.
    Go([Action; MOST_CPUS]),
    /// All go on; the debugger is gone.
    Detached,
    /// The debugger wants the machine to end.
    Kill,
}

/// One CPU, or all that nothing else was said about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    All,
    One(usize),
}

/// A thread ID: `-1` for all, 0 for any, or the number of a CPU, counted from 1.
pub fn selection(text: &[u8]) -> Option<Selection> {
    if text == b"-1" || text == b"0" {
        return Some(Selection::All);
    }
    let cpu = hex::number(text)?.checked_sub(1)?;
    Some(Selection::One(usize::try_from(cpu).ok().filter(|&cpu| cpu < MOST_CPUS)?))
}

/// `c`, `s`, `C05`, `S05`: what it means for the CPUs selected by `Hc`. The stepping CPU of an
/// unselected `s` is the one that was reported.
pub fn plain(letter: u8, selected: Selection, reported: usize) -> [Action; MOST_CPUS] {
    let wanted = if letter.eq_ignore_ascii_case(&b's') { Action::Step } else { Action::Continue };
    let mut actions = [Action::Stay; MOST_CPUS];
    match (wanted, selected) {
        (Action::Step, Selection::All) => set(&mut actions, reported, wanted),
        (_, Selection::One(cpu)) => set(&mut actions, cpu, wanted),
        _ => actions = [wanted; MOST_CPUS],
    }
    actions
}

/// What follows `vCont;`: actions, the leftmost that names a CPU counts. Signals are ignored: a
/// kernel has nobody to deliver them to.
pub fn actions(text: &[u8]) -> Option<[Action; MOST_CPUS]> {
    let mut chosen = [None; MOST_CPUS];
    for part in text.split(|&byte| byte == b';') {
        let (verb, threads) = match hex::split(part, b':') {
            Some((verb, threads)) => (verb, selection(threads)?),
            None => (part, Selection::All),
        };
        let action = match verb {
            [b'c'] | [b'C', _, _] => Action::Continue,
            [b's'] | [b'S', _, _] => Action::Step,
            _ => return None,
        };
        for (cpu, place) in chosen.iter_mut().enumerate() {
            if place.is_none() && (threads == Selection::All || threads == Selection::One(cpu)) {
                *place = Some(action);
            }
        }
    }
    Some(chosen.map(|action| action.unwrap_or(Action::Stay)))
}

fn set(actions: &mut [Action; MOST_CPUS], cpu: usize, action: Action) {
    if let Some(place) = actions.get_mut(cpu) {
        *place = action;
    }
}
