//! Whether a condition holds for what is known of a key, in three values.
//!
//! Several values of the policy are alternatives, and a negated operator holds where none of them matches; a missing
//! key never matches:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.

use std::collections::BTreeSet;

use super::operator::{Base, Operator, Order, Set};
use super::reading::{Network, date, number};
use crate::aws::policy::circumstances::{Kind, Known, Values};
use crate::aws::policy::glob::Glob;
use crate::aws::policy::outcome::Tri;
use crate::aws::policy::variables::{Filled, Variables};

/// A value as it stands in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Its text.
    pub(super) text: String,
    /// Whether it is a JSON string.
    pub(super) quoted: bool,
}

/// An answer, and whether it changes in the life of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// Whether it holds.
    pub(super) holds: Tri,
    /// With `Maybe`: it is certain that it holds for some of these requests, and not for others.
    pub(super) varies: bool,
}

impl Answer {
    pub(super) const MAYBE: Self = Self::certain(Tri::Maybe);

    const fn certain(holds: Tri) -> Self {
        Self {
            holds,
            varies: false,
        }
    }

    fn of(holds: bool) -> Self {
        Self::certain(if holds { Tri::Yes } else { Tri::No })
    }

    fn turned(self, turned: bool) -> Self {
        let holds = match self.holds {
            Tri::Yes if turned => Tri::No,
            Tri::No if turned => Tri::Yes,
            Tri::Yes | Tri::No | Tri::Maybe => self.holds,
        };
        Self { holds, ..self }
    }

    /// One of two answers, and nobody knows which.
    fn either(self, other: Self) -> Self {
        if self.holds == other.holds && self.holds != Tri::Maybe {
            self
        } else {
            Self::MAYBE
        }
    }
}

/// One possible value of a key.
enum Element<'k> {
    Text(&'k str),
    Within(&'k str),
    Between(i128, i128),
    PublicAddress,
    Elsewhere,
}

/// Whether the operator holds for what is known of a key, with the values as they stand in the policy.
pub(super) fn compare(
    operator: Operator,
    known: &Known,
    epoch: bool,
    written: &[Written],
    variables: &Variables<'_>,
) -> Answer {
    if operator.base == Base::Null {
        return null(known, written);
    }
    let absent = known.may_be_absent.then(|| absent(operator));
    let present = (known.values != Values::Never)
        .then(|| present(operator, known, epoch, written, variables));
    match (absent, present) {
        (Some(absent), Some(present)) => absent.either(present),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Answer::MAYBE,
    }
}

/// `Null` holds for `true` where the key is missing, and for `false` where it is there:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null>.
fn null(known: &Known, written: &[Written]) -> Answer {
    let is_absent = match (known.may_be_absent, &known.values) {
        (_, Values::Never) => Some(true),
        (false, _) => Some(false),
        (true, _) => None,
    };
    let mut any = Tri::No;
    for value in written {
        let one = match (flag(&value.text), is_absent) {
            (None, _) => return Answer::MAYBE,
            (Some(_), None) => Tri::Maybe,
            (Some(wanted), Some(absent)) if wanted == absent => Tri::Yes,
            (Some(_), Some(_)) => Tri::No,
        };
        any = or(any, one);
    }
    // Both values together hold whether it is there or not.
    let both = [true, false].iter().all(|wanted| {
        written
            .iter()
            .any(|value| flag(&value.text) == Some(*wanted))
    });
    Answer::certain(if both { Tri::Yes } else { any })
}

/// Where the key is missing. What `ForAnyValue` makes of a negated operator or of `IfExists` then is told in two ways.
fn absent(operator: Operator) -> Answer {
    match (operator.set, operator.if_exists, operator.negated) {
        (Some(Set::All), _, _) | (None, true, _) | (None, false, true) => Answer::of(true),
        (None | Some(Set::Any), false, false) => Answer::of(false),
        (Some(Set::Any), true, _) | (Some(Set::Any), false, true) => Answer::MAYBE,
    }
}

fn present(
    operator: Operator,
    known: &Known,
    epoch: bool,
    written: &[Written],
    variables: &Variables<'_>,
) -> Answer {
    if !fits(operator.base, known.kind, epoch) {
        return Answer::MAYBE;
    }
    let one = |element: &Element<'_>| {
        matches(operator.base, element, written, variables).turned(operator.negated)
    };
    match &known.values {
        Values::Never | Values::Anything => Answer::MAYBE,
        Values::OneOf(options) => options
            .iter()
            .map(|option| one(&Element::Text(option)))
            .reduce(Answer::either)
            .unwrap_or(Answer::MAYBE),
        // Without `ForAllValues` or `ForAnyValue`, what several values mean is not documented.
        Values::AtLeast(values) => {
            let each = values.iter().map(|value| one(&Element::Text(value)).holds);
            match operator.set {
                Some(Set::All) => Answer::certain(each.fold(Tri::Maybe, Tri::and)),
                Some(Set::Any) => Answer::certain(each.fold(Tri::Maybe, or)),
                None => Answer::MAYBE,
            }
        }
        Values::Within(pattern) => one(&Element::Within(pattern)),
        Values::Between(first, last) => one(&Element::Between(*first, *last)),
        Values::PublicAddress => one(&Element::PublicAddress),
        Values::Elsewhere { several: true } if operator.set.is_none() => Answer::MAYBE,
        Values::Elsewhere { .. } => one(&Element::Elsewhere),
    }
}

/// Whether an operator is one for values of this kind. What it does with any other is not documented.
fn fits(base: Base, kind: Kind, epoch: bool) -> bool {
    match base {
        Base::Text { .. } => matches!(kind, Kind::Text | Kind::Arn),
        Base::Number(_) => kind == Kind::Number || (kind == Kind::Time && epoch),
        Base::Date(_) => kind == Kind::Time,
        Base::Flag => kind == Kind::Flag,
        Base::Address => kind == Kind::Address,
        Base::Arn => kind == Kind::Arn,
        // No key of S3 or KMS holds bytes.
        Base::Binary | Base::Null => false,
    }
}

/// Whether one of the values matches.
fn matches(
    base: Base,
    element: &Element<'_>,
    written: &[Written],
    variables: &Variables<'_>,
) -> Answer {
    let each: Vec<Answer> = match base {
        Base::Text { fold, wildcards } => {
            return texts(element, written, variables, fold, wildcards);
        }
        Base::Arn => written
            .iter()
            .map(|value| arn(element, value, variables))
            .collect(),
        Base::Number(order) => written
            .iter()
            .map(|value| ordered(order, element, number(&value.text)))
            .collect(),
        Base::Date(order) => written
            .iter()
            .map(|value| ordered(order, element, date(&value.text)))
            .collect(),
        Base::Flag => written.iter().map(|value| flags(element, value)).collect(),
        Base::Address => return addresses(element, written),
        Base::Binary | Base::Null => return Answer::MAYBE,
    };
    any(&each)
}

fn any(each: &[Answer]) -> Answer {
    let holds = each.iter().map(|one| one.holds).fold(Tri::No, or);
    // Two ranges may fill each other's gaps.
    let open = each.iter().filter(|one| one.holds == Tri::Maybe).count();
    let varies = open == 1 && each.iter().any(|one| one.varies);
    Answer {
        holds,
        varies: varies && holds == Tri::Maybe,
    }
}

fn or(one: Tri, other: Tri) -> Tri {
    match (one, other) {
        (Tri::Yes, _) | (_, Tri::Yes) => Tri::Yes,
        (Tri::Maybe, _) | (_, Tri::Maybe) => Tri::Maybe,
        (Tri::No, Tri::No) => Tri::No,
    }
}

fn texts(
    element: &Element<'_>,
    written: &[Written],
    variables: &Variables<'_>,
    fold: bool,
    wildcards: bool,
) -> Answer {
    if !written.iter().all(|value| value.quoted) {
        return Answer::MAYBE;
    }
    let mut subject = match element {
        Element::Text(text) => Glob::literal(text),
        Element::Within(pattern) => Glob::pattern(pattern),
        Element::Elsewhere => return elsewhere(written, variables, wildcards),
        Element::Between(..) | Element::PublicAddress => return Answer::MAYBE,
    };
    if fold {
        match subject.without_case() {
            Some(folded) => subject = folded,
            None => return Answer::MAYBE,
        }
    }
    let mut certain = Vec::new();
    let mut possible = false;
    for value in written {
        let (glob, known) = match variables.fill(&value.text, wildcards) {
            Filled::Certain(glob) => (glob, true),
            Filled::Doubtful { widest, .. } => (widest, false),
        };
        // Beyond ASCII, what "the same but for case" means is not documented.
        let glob = match (fold, glob.without_case()) {
            (false, _) => glob,
            (true, Some(folded)) => folded,
            (true, None) => return Answer::MAYBE,
        };
        if subject.intersects(&glob) == Some(false) {
            continue;
        }
        possible = true;
        if known {
            certain.push(glob);
        }
    }
    if !possible {
        Answer::of(false)
    } else if subject.is_within(&certain) == Some(true) {
        Answer::of(true)
    } else {
        Answer::MAYBE
    }
}

/// The organisation that a policy names alone is taken for its owner's, in which Segments.ai is not. Where several
/// are named, one of them may be anybody's.
fn elsewhere(written: &[Written], variables: &Variables<'_>, wildcards: bool) -> Answer {
    let mut named = BTreeSet::new();
    for value in written {
        let organisation = value.text.split('/').next().unwrap_or_default();
        let open = wildcards && organisation.contains(['*', '?']);
        let plain = matches!(variables.fill(&value.text, false), Filled::Certain(_));
        if open || !plain || !organisation.starts_with("o-") {
            return Answer::MAYBE;
        }
        named.insert(organisation);
    }
    if named.len() == 1 {
        Answer::of(false)
    } else {
        Answer::MAYBE
    }
}

/// Each of the six parts is matched by itself; a wildcard does not reach over a colon.
fn arn(element: &Element<'_>, value: &Written, variables: &Variables<'_>) -> Answer {
    const PARTS: usize = 6;
    let Element::Text(text) = element else {
        return Answer::MAYBE;
    };
    let (glob, known) = match variables.fill(&value.text, true) {
        Filled::Certain(glob) => (glob, true),
        Filled::Doubtful { widest, .. } => (widest, false),
    };
    let (wanted, own) = (glob.parts(PARTS), Glob::literal(text).parts(PARTS));
    // A value that is filled in may have colons itself.
    if !known || !value.quoted || wanted.len() != PARTS || own.len() != PARTS {
        return Answer::MAYBE;
    }
    let parts: Option<Vec<bool>> = wanted
        .iter()
        .zip(&own)
        .map(|(wanted, own)| own.intersects(wanted))
        .collect();
    match parts {
        Some(parts) => Answer::of(parts.iter().all(|matched| *matched)),
        None => Answer::MAYBE,
    }
}

fn ordered(order: Order, element: &Element<'_>, wanted: Option<i128>) -> Answer {
    let Some(wanted) = wanted else {
        return Answer::MAYBE;
    };
    let holds = |value: i128| match order {
        Order::Equal => value == wanted,
        Order::Less => value < wanted,
        Order::LessOrEqual => value <= wanted,
        Order::Greater => value > wanted,
        Order::GreaterOrEqual => value >= wanted,
    };
    match element {
        Element::Text(text) => match number(text) {
            Some(value) => Answer::of(holds(value)),
            None => Answer::MAYBE,
        },
        Element::Between(first, last) => match (holds(*first), holds(*last)) {
            (true, true) => Answer::of(true),
            // Equal to a number in between, for one moment.
            (false, false) if *first < wanted && wanted < *last && order == Order::Equal => {
                Answer::MAYBE
            }
            (false, false) => Answer::of(false),
            (true, false) | (false, true) => Answer {
                holds: Tri::Maybe,
                varies: true,
            },
        },
        Element::Within(_) | Element::PublicAddress | Element::Elsewhere => Answer::MAYBE,
    }
}

fn flags(element: &Element<'_>, value: &Written) -> Answer {
    match (element, flag(&value.text)) {
        (Element::Text(text), Some(wanted)) => match flag(text) {
            Some(own) => Answer::of(own == wanted),
            None => Answer::MAYBE,
        },
        (
            Element::Text(_)
            | Element::Within(_)
            | Element::Between(..)
            | Element::PublicAddress
            | Element::Elsewhere,
            _,
        ) => Answer::MAYBE,
    }
}

fn flag(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Of an address on the public internet it is certain only that it is not a private one, and that it is one at all.
fn addresses(element: &Element<'_>, written: &[Written]) -> Answer {
    let networks: Option<Vec<Network>> = written
        .iter()
        .map(|value| value.quoted.then(|| Network::read(&value.text)).flatten())
        .collect();
    let (Some(networks), Element::PublicAddress) = (networks, element) else {
        return Answer::MAYBE;
    };
    let all_of = |six| {
        networks
            .iter()
            .any(|network| network.six == six && network.length == 0)
    };
    if networks.iter().all(|network| network.is_private()) {
        Answer::of(false)
    } else if all_of(false) && all_of(true) {
        Answer::of(true)
    } else {
        Answer::MAYBE
    }
}
