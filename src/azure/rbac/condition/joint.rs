//! Terms that AND and OR join.
//!
//! Parentheses are asked for where three terms stand side by side, and no order is documented for the lack of them
//! (<https://learn.microsoft.com/azure/role-based-access-control/conditions-format#grouping-and-precedence>). So an answer
//! that depends on the order is none.

use crate::azure::rbac::Tri;

/// What joins two terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// `AND`
    And,
    /// `OR`
    Or,
}

/// The terms put together, each with what joins it to the next; none where that depends on the order.
pub fn together(terms: &[Tri], joints: &[Joint]) -> Option<Tri> {
    let answer = grouped(terms, joints, Joint::And);
    let others = [grouped(terms, joints, Joint::Or), in_turn(terms, joints)];
    others
        .iter()
        .all(|other| *other == answer)
        .then_some(answer)
}

fn joined(joint: Joint, one: Tri, other: Tri) -> Tri {
    match joint {
        Joint::And => one.and(other),
        Joint::Or => one.or(other),
    }
}

/// Those that `tighter` joins before the others.
fn grouped(terms: &[Tri], joints: &[Joint], tighter: Joint) -> Tri {
    let mut groups: Vec<Tri> = terms.first().copied().into_iter().collect();
    for (joint, term) in joints.iter().zip(terms.iter().skip(1)) {
        match groups.last_mut() {
            Some(last) if *joint == tighter => *last = joined(tighter, *last, *term),
            Some(_) | None => groups.push(*term),
        }
    }
    let looser = match tighter {
        Joint::And => Joint::Or,
        Joint::Or => Joint::And,
    };
    groups
        .into_iter()
        .reduce(|one, other| joined(looser, one, other))
        .unwrap_or(Tri::Maybe)
}

/// From left to right.
fn in_turn(terms: &[Tri], joints: &[Joint]) -> Tri {
    let first = terms.first().copied().unwrap_or(Tri::Maybe);
    joints
        .iter()
        .zip(terms.iter().skip(1))
        .fold(first, |so_far, (joint, term)| joined(*joint, so_far, *term))
}

#[cfg(test)]
mod tests {
    use super::Joint::{And, Or};
    use super::Tri::{Maybe, No, Yes};
    use super::*;

    #[test]
    fn an_answer_that_depends_on_the_order_is_none() {
        for (terms, joints, expected) in [
            (&[Yes][..], &[][..], Some(Yes)),
            (&[Yes, No], &[And], Some(No)),
            (&[Yes, No], &[Or], Some(Yes)),
            (&[Yes, Maybe, No], &[And, And], Some(No)),
            (&[No, Maybe, Yes], &[Or, Or], Some(Yes)),
            (&[No, No, Yes], &[And, Or], None),
            (&[Yes, No, No], &[Or, And], None),
            (&[Yes, Yes, No], &[And, Or], Some(Yes)),
            (&[No, No, No], &[And, Or], Some(No)),
            (&[Maybe, No, Yes], &[And, Or], None),
        ] {
            assert_eq!(together(terms, joints), expected, "{terms:?} {joints:?}");
        }
    }
}
