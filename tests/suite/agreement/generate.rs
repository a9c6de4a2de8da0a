//! Policies as people write them, and as nobody would: from one seed always the same ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::pool::{KEYS, Kind, OPERATORS, base, written};
use super::scene::{BUCKET, CANONICAL_ID, KEY, SEGMENTS, SEGMENTS_ACCOUNT};

/// Makes policies.
pub struct Generator {
    random: fastrand::Rng,
    signed_at: OffsetDateTime,
}

impl Generator {
    /// The policies of a seed, around the moment at which links are signed.
    pub fn new(seed: u64, signed_at: OffsetDateTime) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            signed_at,
        }
    }

    /// The next policy.
    pub fn policy(&mut self) -> Value {
        let version = self.one_of(&["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]);
        let statements: Vec<Value> = match self.random.u8(..10) {
            // One condition decides: as the only Allow, or as a Deny on top of the published statement.
            0..3 => vec![self.focused("Allow")],
            3..6 => vec![published(), self.focused("Deny")],
            _ => (0..self.random.usize(1..5))
                .map(|_| self.statement())
                .collect(),
        };
        json!({ "Version": version, "Statement": statements })
    }

    fn focused(&mut self, effect: &str) -> Value {
        let mut statement = published();
        statement["Effect"] = effect.into();
        if self.chance(30) {
            statement["Principal"] = "*".into();
        }
        statement["Condition"] = self.conditions(1);
        statement
    }

    fn statement(&mut self) -> Value {
        let mut statement = Map::new();
        let effect = self.one_of(&["Allow", "Allow", "Allow", "Deny", "Deny"]);
        statement.insert("Effect".to_owned(), effect.into());
        let (name, value) = self.principal();
        statement.insert(name.to_owned(), value);
        let bucket = format!("arn:aws:s3:::{BUCKET}");
        let (name, value) = self.action();
        statement.insert(name.to_owned(), value);
        let (name, value) = self.resource(&bucket);
        statement.insert(name.to_owned(), value);
        let conditions = self.random.usize(..3);
        if conditions > 0 {
            let conditions = self.conditions(conditions);
            statement.insert("Condition".to_owned(), conditions);
        }
        Value::Object(statement)
    }

    fn principal(&mut self) -> (&'static str, Value) {
        let root = format!("arn:aws:iam::{SEGMENTS_ACCOUNT}:root");
        let partner = "arn:aws:iam::444455556666:user/partner";
        let value = match self.random.u8(..17) {
            0..4 => json!({ "AWS": SEGMENTS }),
            4 | 5 => json!("*"),
            6 => json!({ "AWS": "*" }),
            7 => json!({ "AWS": root }),
            8 => json!({ "AWS": SEGMENTS_ACCOUNT }),
            9 => json!({ "AWS": [partner, SEGMENTS] }),
            10 => json!({ "AWS": partner }),
            11 => json!({ "AWS": ["111122223333", "arn:aws:iam::444455556666:root"] }),
            12 => json!({ "CanonicalUser": CANONICAL_ID }),
            13 => json!({ "CanonicalUser": "4".repeat(64) }),
            14 => json!({ "Service": "logging.s3.amazonaws.com" }),
            15 => json!({ "AWS": [SEGMENTS, root] }),
            _ => json!({ "AWS": [root, partner], "Service": "cloudtrail.amazonaws.com" }),
        };
        let name = if self.chance(12) {
            "NotPrincipal"
        } else {
            "Principal"
        };
        (name, value)
    }

    fn action(&mut self) -> (&'static str, Value) {
        let value = match self.random.u8(..10) {
            0..3 => json!("s3:GetObject"),
            3 => json!(["s3:GetObject", "s3:GetObjectVersion"]),
            4 => json!("s3:*"),
            5 => json!("*"),
            6 => json!("S3:get*"),
            7 => json!("s3:GetObjec?"),
            8 => json!("s3:PutObject"),
            _ => json!(["s3:GetObjectTagging", "s3:*Version"]),
        };
        let name = if self.chance(12) {
            "NotAction"
        } else {
            "Action"
        };
        (name, value)
    }

    fn resource(&mut self, bucket: &str) -> (&'static str, Value) {
        let all = format!("{bucket}/*");
        let value = match self.random.u8(..14) {
            0..4 => json!(all),
            4 => json!([bucket, all]),
            5 => json!(format!("{bucket}/photos/*")),
            6 => json!(format!("{bucket}/plans/*")),
            7 => json!(format!("{bucket}/{KEY}")),
            8 => json!("*"),
            9 => json!(format!("{bucket}/*.jp?")),
            10 => json!(format!("{bucket}*")),
            11 => json!([format!("{bucket}/plans/*"), format!("{bucket}/*/cat.???")]),
            12 => json!(format!("{bucket}/${{aws:PrincipalTag/folder, 'photos'}}/*")),
            _ => json!(format!("{bucket}/${{aws:username}}/*")),
        };
        let name = if self.chance(10) {
            "NotResource"
        } else {
            "Resource"
        };
        (name, value)
    }

    fn conditions(&mut self, count: usize) -> Value {
        let mut conditions = Map::new();
        for _ in 0..count {
            let operator = self.operator();
            let keys = 1 + usize::from(self.chance(15));
            let mut block = Map::new();
            for _ in 0..keys {
                let (key, values) = self.key(&operator);
                block.insert(key, values);
            }
            conditions.insert(operator, Value::Object(block));
        }
        Value::Object(conditions)
    }

    fn operator(&mut self) -> String {
        let index = self.random.usize(..OPERATORS.len());
        let (name, _) = OPERATORS[index];
        if name == "Null" {
            return name.to_owned();
        }
        let set = self.one_of(&["", "", "", "", "", "", "ForAllValues:", "ForAnyValue:"]);
        let suffix = self.one_of(&["", "", "", "", "IfExists"]);
        format!("{set}{name}{suffix}")
    }

    /// A key for an operator: of its kind, but now and then of another.
    fn key(&mut self, operator: &str) -> (String, Value) {
        let name = base(operator);
        let (_, kinds) = OPERATORS
            .iter()
            .find(|(known, _)| *known == name)
            .expect("an operator");
        let matching: Vec<_> = KEYS
            .iter()
            .filter(|(_, kind, ..)| kinds.contains(kind))
            .collect();
        let (key, kind, _, values) = *matching[self.random.usize(..matching.len())];
        // A value that the operator takes, for a key of another kind.
        let key = if self.chance(3) {
            KEYS[self.random.usize(..KEYS.len())].0
        } else {
            key
        };
        let count = self.random.usize(1..=values.len().min(3));
        let mut chosen: Vec<Value> = (0..count).map(|_| self.value(name, kind, values)).collect();
        let values = if count == 1 {
            chosen.remove(0)
        } else {
            Value::Array(chosen)
        };
        let key = if self.chance(10) {
            key.to_lowercase()
        } else {
            key.to_owned()
        };
        (key, values)
    }

    fn value(&mut self, operator: &str, kind: Kind, values: &[&str]) -> Value {
        let value = values[self.random.usize(..values.len())];
        match operator {
            "Null" => self.one_of(&["true", "false"]).into(),
            "BinaryEquals" => STANDARD.encode(value).into(),
            _ if kind == Kind::Truth && self.chance(20) => (value == "true").into(),
            _ => written(value, self.signed_at),
        }
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.random.u8(..100) < percent
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.random.usize(..choices.len())]
    }
}

fn published() -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "AWS": SEGMENTS },
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    })
}

/// The policy with one thing left out: a statement, a condition, a key, or a value in a list.
pub fn smaller(policy: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let statements = policy["Statement"].as_array().map_or(0, Vec::len);
    for index in 0..statements {
        if statements > 1 {
            let mut policy = policy.clone();
            policy["Statement"]
                .as_array_mut()
                .expect("statements")
                .remove(index);
            found.push(policy);
        }
        for statement in without_one(&policy["Statement"][index]) {
            let mut policy = policy.clone();
            policy["Statement"][index] = statement;
            found.push(policy);
        }
    }
    found
}

/// A member that may go, gone; or a list of several with one less.
fn without_one(value: &Value) -> Vec<Value> {
    const NEEDED: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Statement",
    ];
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if !NEEDED.contains(&name.as_str()) && (members.len() > 1 || name == "Condition") {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    found.push(Value::Object(fewer));
                }
                for smaller in without_one(member) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), smaller);
                    found.push(Value::Object(changed));
                }
            }
        }
        Value::Array(values) if values.len() > 1 => {
            for index in 0..values.len() {
                let mut fewer = values.clone();
                fewer.remove(index);
                found.push(Value::Array(fewer));
            }
        }
        _ => {}
    }
    found
}
