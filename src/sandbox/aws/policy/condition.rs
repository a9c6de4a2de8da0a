//! Conditions: whether a request meets one.
//!
//! Where AWS's documents do not say what happens, nothing is guessed: it is named, so that the request can be refused
//! loudly. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
//! and <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::document::Condition;
use super::keys::{Key, Keys, Kind, Lookup, Service, known};
use super::operator::{Family, Operator, Order, Set, Text, truth};
use super::pattern::{Symbol, fits, fits_arn, is_arn};
use super::scalar::{Decimal, read_block, read_date, within};
use super::variable::{Expanded, expand};

/// What a condition says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    Yes,
    No,
    /// This place cannot tell; what it would need to know.
    Unknown(String),
}

impl From<bool> for Met {
    fn from(answer: bool) -> Self {
        if answer { Self::Yes } else { Self::No }
    }
}

/// Evaluates a condition of a policy in this version of the language.
pub fn met(condition: &Condition, version: &str, keys: &Keys, service: Service) -> Met {
    let name = || format!("the condition {} on {}", condition.operator, condition.key);
    let (Some(operator), Some(key)) = (
        Operator::read(&condition.operator),
        known(service, &condition.key),
    ) else {
        return Met::Unknown(name());
    };
    if condition.values.is_empty() {
        return Met::Unknown(name());
    }
    let comparison = Comparison {
        condition,
        operator,
        key,
        version,
        keys,
    };
    let answer = match keys.find(&condition.key) {
        Lookup::Unknown => None,
        Lookup::Absent => comparison.absent(),
        Lookup::Present(values) => match comparison.present(values) {
            Met::Yes => Some(true),
            Met::No => Some(false),
            Met::Unknown(what) => return Met::Unknown(format!("{what}, {}", name())),
        },
    };
    answer.map_or_else(|| Met::Unknown(name()), Met::from)
}

#[derive(Debug, Clone, Copy)]
struct Comparison<'a> {
    condition: &'a Condition,
    operator: Operator,
    key: Key,
    version: &'a str,
    keys: &'a Keys,
}

/// What one value of the policy says about one value of the request.
enum One {
    Match,
    Differ,
    /// The request's value is not of the kind that the operator compares.
    Mismatch,
    Unknown(String),
}

impl From<bool> for One {
    fn from(answer: bool) -> Self {
        if answer { Self::Match } else { Self::Differ }
    }
}

impl Comparison<'_> {
    /// Without the key a positive operator fails and a negated one holds; `IfExists` holds.
    fn absent(&self) -> Option<bool> {
        let operator = self.operator;
        if operator.family == Family::Null {
            return self.null(true);
        }
        match (operator.set, operator.if_exists) {
            // Without a key `ForAnyValue` is false and `IfExists` is true, and nothing says which of them is stronger.
            (Set::ForAnyValue, true) => None,
            (Set::ForAnyValue, false) => Some(false),
            (Set::ForAllValues, _) | (Set::Single, true) => Some(true),
            (Set::Single, false) => Some(operator.negated),
        }
    }

    fn present(&self, values: &[String]) -> Met {
        if self.operator.family == Family::Null {
            let empty = values.iter().all(String::is_empty);
            let answer = if empty { None } else { self.null(false) };
            return answer.map_or_else(
                || Met::Unknown("a key without a value".to_owned()),
                Met::from,
            );
        }
        // "A null dataset, such as an empty string": every one of no values matches, and none does.
        let nothing = values.iter().all(String::is_empty);
        let each = || values.iter().map(|value| self.single(value));
        match (self.operator.set, values) {
            (Set::ForAllValues, _) if nothing => Met::Yes,
            (Set::ForAnyValue, _) if nothing => Met::No,
            (Set::ForAllValues, _) => combined(each(), &Met::No, Met::Yes),
            (Set::ForAnyValue, _) => combined(each(), &Met::Yes, Met::No),
            (Set::Single, [value]) if !self.key.many => self.single(value),
            (Set::Single, _) => Met::Unknown("a key with several values".to_owned()),
        }
    }

    /// Several values in the policy are alternatives; under a negated operator none of them may match.
    fn single(&self, actual: &str) -> Met {
        let mut unknown = None;
        for value in &self.condition.values {
            match self.one(value, actual) {
                One::Match => return Met::from(!self.operator.negated),
                One::Mismatch if self.operator.negated => {
                    unknown = Some("a value of another kind".to_owned());
                }
                One::Differ | One::Mismatch => {}
                One::Unknown(what) => unknown = Some(what),
            }
        }
        match unknown {
            Some(what) => Met::Unknown(what),
            None => Met::from(self.operator.negated),
        }
    }

    fn one(&self, value: &str, actual: &str) -> One {
        match self.operator.family {
            Family::Text(_) if self.key.kind == Kind::Date => {
                One::Unknown("a date as text".to_owned())
            }
            Family::Text(how) => self.expanded(value, how == Text::Wild, |symbols| {
                One::from(match how {
                    Text::Exact | Text::Wild => fits(symbols, actual),
                    Text::IgnoringCase => fits(&folded(symbols), &actual.to_lowercase()),
                })
            }),
            Family::Arn => self.expanded(value, true, |symbols| {
                if symbols == [Symbol::Anything] {
                    return One::Unknown("an ARN of any form".to_owned());
                }
                if !is_arn(actual) {
                    return One::Mismatch;
                }
                One::from(fits_arn(symbols, actual))
            }),
            Family::Number(order) => self.ordered(
                order,
                Decimal::read(value),
                Decimal::read(actual),
                Kind::Number,
            ),
            Family::Date(order) => {
                self.ordered(order, read_date(value), read_date(actual), Kind::Date)
            }
            Family::Truth => match (truth(value), truth(actual)) {
                (None, _) => One::Unknown(format!("the value {value}")),
                (Some(value), Some(actual)) => One::from(value == actual),
                (Some(_), None) => One::Mismatch,
            },
            Family::Binary => match STANDARD.decode(value) {
                Ok(bytes) => One::from(bytes == actual.as_bytes()),
                Err(_) => One::Unknown(format!("the value {value}")),
            },
            Family::Address => match (read_block(value), actual.parse::<IpAddr>()) {
                (None, _) => One::Unknown(format!("the value {value}")),
                (Some(block), Ok(address)) => One::from(within(block, address)),
                (Some(_), Err(_)) => One::Mismatch,
            },
            Family::Null => One::Unknown("whether a key exists".to_owned()),
        }
    }

    fn expanded(&self, value: &str, wild: bool, judge: impl Fn(&[Symbol]) -> One) -> One {
        match expand(value, self.version, self.keys, wild) {
            Expanded::Symbols(symbols) => judge(&symbols),
            Expanded::Nothing => One::Differ,
            Expanded::Unknown(what) => One::Unknown(what),
        }
    }

    /// Numbers and dates. What becomes of a text that looks like one is not documented.
    fn ordered<T: Ord>(
        &self,
        order: Order,
        value: Option<T>,
        actual: Option<T>,
        kind: Kind,
    ) -> One {
        let seconds = kind == Kind::Number && self.condition.key.eq_ignore_ascii_case(EPOCH_TIME);
        match (value, actual) {
            (None, _) => One::Unknown("a value that cannot be compared".to_owned()),
            (Some(_), None) => One::Mismatch,
            (Some(_), Some(_)) if self.key.kind != kind && !seconds => {
                One::Unknown("a value of another kind".to_owned())
            }
            (Some(value), Some(actual)) => One::from(order.holds(actual.cmp(&value))),
        }
    }

    /// `true` asks for a key that is absent, `false` for one that is there.
    fn null(&self, absent: bool) -> Option<bool> {
        let asked: Option<Vec<bool>> = self
            .condition
            .values
            .iter()
            .map(|value| truth(value))
            .collect();
        let asked = asked.filter(|_| self.operator.set == Set::Single)?;
        Some(asked.contains(&absent))
    }
}

/// The key that dates and numbers may both ask for.
const EPOCH_TIME: &str = "aws:EpochTime";

fn folded(symbols: &[Symbol]) -> Vec<Symbol> {
    let mut folded = Vec::new();
    for symbol in symbols {
        match symbol {
            Symbol::Only(character) => {
                folded.extend(character.to_lowercase().map(Symbol::Only));
            }
            Symbol::Anything | Symbol::AnyOne => folded.push(*symbol),
        }
    }
    folded
}

/// The deciding answer where any value gives it, otherwise what is unknown, otherwise the other answer.
fn combined(answers: impl Iterator<Item = Met>, deciding: &Met, otherwise: Met) -> Met {
    let mut combined = otherwise;
    for answer in answers {
        if answer == *deciding {
            return answer;
        }
        if matches!(answer, Met::Unknown(_)) {
            combined = answer;
        }
    }
    combined
}

#[cfg(test)]
mod tests;
