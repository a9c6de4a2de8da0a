//! Policies as people write them, and as nobody would: from one seed always the same ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::pool::{KEYS, KMS_KEYS, Key, Kind, OPERATORS, base, written};
use super::scene::{BUCKET, CANONICAL_ID, KEY, KEY_ARN, SEGMENTS, SEGMENTS_ACCOUNT};

/// Makes policies.
pub struct Generator {
    random: fastrand::Rng,
    signed_at: OffsetDateTime,
    /// The action that they are about, most of the time.
    action: &'static str,
    keys: &'static [Key],
}

impl Generator {
    /// The policies of a seed, around the moment at which links are signed.
    pub fn new(seed: u64, signed_at: OffsetDateTime) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            signed_at,
            action: "s3:GetObject",
            keys: &KEYS,
        }
    }

    /// The same about another action.
    pub fn about(mut self, action: &'static str) -> Self {
        self.action = action;
        if action.starts_with("kms:") {
            self.keys = &KMS_KEYS;
        }
        self
    }

    /// The next policy.
    pub fn policy(&mut self) -> Value {
        let version = self.one_of(&["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]);
        let statements: Vec<Value> = match self.random.u8(..10) {
            // One condition decides: as the only Allow, or as a Deny on top of the published statement.
            0..3 => vec![self.focused("Allow")],
            3..6 => vec![self.plain(), self.focused("Deny")],
            _ => (0..self.random.usize(1..5))
                .map(|_| self.statement())
                .collect(),
        };
        json!({ "Version": version, "Statement": statements })
    }

    fn focused(&mut self, effect: &str) -> Value {
        let mut statement = self.plain();
        statement["Effect"] = effect.into();
        if self.chance(30) {
            statement["Principal"] = "*".into();
        }
        statement["Condition"] = self.conditions(1);
        statement
    }

    /// What the published statement would be for the action.
    fn plain(&self) -> Value {
        let bucket = format!("arn:aws:s3:::{BUCKET}");
        let resource = match self.action {
            "kms:Decrypt" => "*".to_owned(),
            "s3:ListBucket" => bucket,
            _ => format!("{bucket}/*"),
        };
        json!({
            "Effect": "Allow", "Principal": { "AWS": SEGMENTS }, "Action": self.action, "Resource": resource,
        })
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
        let (service, verb) = self.action.split_once(':').expect("an action");
        // GetObject: `get*` and `GetObjec?`.
        let word = verb
            .char_indices()
            .skip(1)
            .find(|(_, one)| one.is_uppercase());
        let word = word.map_or(verb, |(end, _)| &verb[..end]).to_lowercase();
        let shorter = &self.action[..self.action.len() - 1];
        let value = match self.random.u8(..10) {
            0..3 => json!(self.action),
            3 => json!([self.action, format!("{service}:GetObjectVersion")]),
            4 => json!(format!("{service}:*")),
            5 => json!("*"),
            6 => json!(format!("{}:{word}*", service.to_uppercase())),
            7 => json!(format!("{shorter}?")),
            8 => json!(format!("{service}:PutObject")),
            _ => json!([
                format!("{service}:GetObjectTagging"),
                format!("{service}:*Version")
            ]),
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
        if self.action == "kms:Decrypt" {
            return ("Resource", self.one_of(&["*", "*", "*", KEY_ARN]).into());
        }
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
        let matching: Vec<_> = self
            .keys
            .iter()
            .filter(|(_, kind, ..)| kinds.contains(kind))
            .collect();
        let (key, kind, _, values) = *matching[self.random.usize(..matching.len())];
        // A value that the operator takes, for a key of another kind.
        let key = if self.chance(3) {
            self.keys[self.random.usize(..self.keys.len())].0
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
