//! Which overload a call means: PostgreSQL's `func_select_candidate`, step for step.
use super::category::{Category, category, is_implicit, is_preferred, same_kind};
use crate::types::Type;

/// What choosing came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// This one, by its place.
    One(usize),
    /// None takes these arguments.
    None,
    /// Several do, none better than the others.
    Ambiguous,
}

/// The kinds of arguments that a candidate takes for `count` of them, if it can.
pub(super) fn kinds(arguments: &[Type], variadic: bool, count: usize) -> Option<Vec<Type>> {
    if arguments.len() == count {
        return Some(arguments.to_vec());
    }
    let last = arguments.last().filter(|_| variadic && count > arguments.len())?;
    let mut kinds = arguments.to_vec();
    kinds.resize(count, last.clone());
    Some(kinds)
}

/// Chooses among candidates, each the kinds of its arguments, for arguments of these types.
pub(super) fn choose(candidates: &[Option<Vec<Type>>], given: &[Type]) -> Choice {
    let all: Vec<(usize, &[Type])> = candidates
        .iter()
        .enumerate()
        .filter_map(|(place, kinds)| Some((place, kinds.as_deref()?)))
        .collect();
    let is_exact = |kind: &Type, given: &Type| *kind != Type::Unknown && same_kind(kind, given);
    if let Some((place, _)) = all.iter().find(|(_, kinds)| matches(kinds, given, is_exact)) {
        return Choice::One(*place);
    }
    let possible: Vec<_> =
        all.into_iter().filter(|(_, kinds)| matches(kinds, given, accepts)).collect();
    match possible.as_slice() {
        [] => return Choice::None,
        [(place, _)] => return Choice::One(*place),
        _ => {}
    }
    let exact = keep_best(possible, given, same_kind);
    if let [(place, _)] = exact.as_slice() {
        return Choice::One(*place);
    }
    let preferred = keep_best(exact, given, |kind, given| {
        same_kind(kind, given) || (category(kind) == category(given) && is_preferred(kind))
    });
    match preferred.as_slice() {
        [(place, _)] => Choice::One(*place),
        _ => by_category(preferred, given),
    }
}

fn matches(kinds: &[Type], given: &[Type], test: fn(&Type, &Type) -> bool) -> bool {
    kinds.iter().zip(given).all(|(kind, given)| test(kind, given))
}

/// Whether an argument of type `given` can be passed as `kind`.
fn accepts(kind: &Type, given: &Type) -> bool {
    match (kind, given) {
        (Type::Unknown, _) | (_, Type::Unknown) => true,
        (Type::Array(item), Type::Array(_)) if **item == Type::Unknown => true,
        _ => is_implicit(given, kind),
    }
}

type Candidates<'a> = Vec<(usize, &'a [Type])>;

/// Those that fit the most arguments of known type; all if none fits any.
fn keep_best<'a>(
    candidates: Candidates<'a>,
    given: &[Type],
    fits: impl Fn(&Type, &Type) -> bool,
) -> Candidates<'a> {
    let score = |kinds: &[Type]| {
        let known = kinds.iter().zip(given).filter(|(_, given)| **given != Type::Unknown);
        known.filter(|(kind, given)| fits(kind, given)).count()
    };
    let best = candidates.iter().map(|(_, kinds)| score(kinds)).max().unwrap_or_default();
    candidates.into_iter().filter(|(_, kinds)| score(kinds) == best).collect()
}

/// The steps about arguments of unknown type.
fn by_category(mut candidates: Candidates<'_>, given: &[Type]) -> Choice {
    let unknown: Vec<usize> = given
        .iter()
        .enumerate()
        .filter(|(_, ty)| **ty == Type::Unknown)
        .map(|(place, _)| place)
        .collect();
    if unknown.is_empty() {
        return Choice::Ambiguous;
    }
    let mut slots = Vec::new();
    let mut resolved = true;
    for place in &unknown {
        let here = || candidates.iter().filter_map(|(_, kinds)| kinds.get(*place));
        let slot = if here().any(|kind| category(kind) == Category::Text) {
            Some(Category::Text)
        } else {
            let first = here().next().map(category);
            first.filter(|first| here().all(|kind| category(kind) == *first))
        };
        let Some(slot) = slot else {
            resolved = false;
            break;
        };
        let preferred = here().any(|kind| category(kind) == slot && is_preferred(kind));
        slots.push((*place, slot, preferred));
    }
    if resolved {
        let fitting: Candidates<'_> = candidates
            .iter()
            .filter(|(_, kinds)| {
                slots.iter().all(|(place, slot, preferred)| {
                    kinds.get(*place).is_some_and(|kind| {
                        category(kind) == *slot && (!preferred || is_preferred(kind))
                    })
                })
            })
            .copied()
            .collect();
        if !fitting.is_empty() {
            candidates = fitting;
        }
        if let [(place, _)] = candidates.as_slice() {
            return Choice::One(*place);
        }
    }
    as_the_known(&candidates, given)
}

/// The last step: unknown arguments are of the type that all known ones have.
fn as_the_known(candidates: &Candidates<'_>, given: &[Type]) -> Choice {
    let mut known = given.iter().filter(|ty| **ty != Type::Unknown);
    let Some(first) = known.next().filter(|first| known.all(|ty| same_kind(ty, first))) else {
        return Choice::Ambiguous;
    };
    let mut fitting =
        candidates.iter().filter(|(_, kinds)| kinds.iter().all(|kind| accepts(kind, first)));
    match (fitting.next(), fitting.next()) {
        (Some((place, _)), None) => Choice::One(*place),
        _ => Choice::Ambiguous,
    }
}
