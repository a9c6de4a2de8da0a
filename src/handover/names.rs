//! Hashes the names in a report: account numbers, buckets, projects, people, keys. The same name becomes the same hash
//! within one report, and another one in the next, so that nobody can try out names.
//!
//! What is Segments.ai's own and published stays, as do the words of the policy languages: without them a policy could
//! not be evaluated again. The words of the run are left out, since names stand in them in every form.

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::{aws, azure};

/// A report with its names hashed.
pub(super) fn hashed(document: &Value) -> Value {
    let mut key = [0_u8; 32];
    // Without randomness the key is known, and a name could be tried out: then nothing of a name may be kept.
    let secret = aws_lc_rs::rand::fill(&mut key).is_ok();
    let inputs = document.get("inputs").cloned().unwrap_or_default();
    let names = Names::of(
        &inputs,
        document.pointer("/run/target"),
        secret.then_some(&key),
    );
    let mut hashed = document.clone();
    hashed["inputs"] = names.replaced(&inputs);
    hashed["run"] = bare(document.get("run").unwrap_or(&Value::Null));
    hashed["names_hashed"] = json!(true);
    hashed
}

/// What a run found, without a word that could hold a name.
fn bare(run: &Value) -> Value {
    let kept = |value: &Value, names: &[&str]| -> Value {
        let members: Map<String, Value> = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone())))
            .collect();
        Value::Object(members)
    };
    let mut bare = kept(run, &["schema", "command", "verdict", "proof"]);
    let checks: Vec<Value> = run
        .get("checks")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|check| kept(check, &["id", "level", "status", "cause"]))
        .collect();
    bare["checks"] = Value::Array(checks);
    bare
}

/// Each name, and what stands in its place.
struct Names(BTreeMap<String, String>);

/// Words that are names nowhere, though they may stand where one does.
const WORDS: [&str; 26] = [
    "root",
    "user",
    "role",
    "group",
    "owner",
    "viewer",
    "editor",
    "aws",
    "arn",
    "s3",
    "iam",
    "kms",
    "sts",
    "key",
    "alias",
    "projects",
    "buckets",
    "objects",
    "roles",
    "resourceGroups",
    "subscriptions",
    "providers",
    "Microsoft",
    "default",
    "locations",
    "segments_object_reader",
];

/// After which of these parts of a path a name follows.
const BEFORE_A_NAME: [&str; 17] = [
    "user",
    "role",
    "group",
    "assumed-role",
    "projects",
    "project",
    "buckets",
    "subscriptions",
    "resourceGroups",
    "storageAccounts",
    "containers",
    "managementGroups",
    "virtualNetworks",
    "subnets",
    "privateEndpoints",
    "folders",
    "organizations",
];

/// Members of what was read whose value is a name.
const MEMBERS: [&str; 14] = [
    "bucket",
    "owner",
    "project",
    "project_id",
    "number",
    "storage_account",
    "subscription",
    "resource_group",
    "tenant",
    "container",
    "caller",
    "email",
    "id",
    "name",
];

impl Names {
    fn of(inputs: &Value, target: Option<&Value>, key: Option<&[u8; 32]>) -> Self {
        let mut found = Found::default();
        for member in target.and_then(Value::as_object).into_iter().flatten() {
            if !matches!(member.0.as_str(), "cloud" | "region")
                && let Some(name) = member.1.as_str()
            {
                found.add(name);
            }
        }
        found.collect(inputs);
        let mut names = BTreeMap::new();
        for (count, name) in found.names.iter().enumerate() {
            let hash = Hash::of(name, key, count);
            names.insert(name.clone(), pseudonym(name, &hash, &found.patterns));
        }
        Self(names)
    }

    fn replaced(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.in_text(text)),
            Value::Array(items) => items.iter().map(|item| self.replaced(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (self.in_tokens(name), self.replaced(value)))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Longer names wherever they stand, for a host may begin with one; short ones only where they stand alone.
    fn in_text(&self, text: &str) -> String {
        const LONG: usize = 6;
        let mut text = self.in_tokens(text);
        let mut long: Vec<_> = self
            .0
            .iter()
            .filter(|(name, _)| name.len() >= LONG)
            .collect();
        long.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, other) in long {
            if text.contains(name.as_str()) {
                text = text.replace(name.as_str(), other);
            }
        }
        text
    }

    fn in_tokens(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        for (token, end) in tokens(text) {
            replaced.push_str(self.0.get(token).map_or(token, String::as_str));
            replaced.extend(end);
        }
        replaced
    }
}

#[derive(Default)]
struct Found {
    names: BTreeSet<String>,
    /// The literal beginning and end of each part of a path with a wildcard.
    patterns: BTreeSet<(String, String)>,
}

impl Found {
    fn add(&mut self, name: &str) {
        let known = WORDS.contains(&name)
            || [
                aws::templates::ACCOUNT,
                aws::templates::CANONICAL_ID,
                azure::templates::APP_ID,
                azure::templates::READER_ID,
                azure::rbac::EVERYONE,
            ]
            .iter()
            .any(|published| name.contains(published))
            || name.contains("segmentsai")
            || name.contains("segments.ai");
        if !known && !name.is_empty() && !name.contains(['*', '?', '$', '{', '}']) {
            self.names.insert(name.to_owned());
        }
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.text(name);
                    // What a storage account is made of has a name, and is nobody's.
                    if name == "sku" {
                        continue;
                    }
                    match (name.as_str(), value) {
                        ("objects", Value::Array(keys)) => {
                            for key in keys.iter().filter_map(Value::as_str) {
                                self.path(key);
                            }
                        }
                        (name, Value::String(text))
                            if MEMBERS.contains(&name) && is_plain(text) =>
                        {
                            self.add(text);
                        }
                        // What somebody called a role or a deny assignment of their own, in several words.
                        ("roleName" | "denyAssignmentName", Value::String(text))
                            if !is_built_in(members) =>
                        {
                            self.add(text);
                        }
                        // Containers and parts of paths, in quotation marks.
                        ("condition", Value::String(text)) => {
                            for quoted in quoted(text) {
                                self.path(quoted);
                            }
                        }
                        _ => {}
                    }
                    self.collect(value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(rest) = text.strip_prefix("arn:aws:s3:::") {
            let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
            self.add(bucket);
            self.path(path);
        }
        if let Some((_, path)) = text.split_once("/objects/") {
            self.path(path.split(['"', '\'']).next().unwrap_or_default());
        }
        let names_follow = !is_about_actions(text);
        let mut before = "";
        for (token, _) in tokens(text) {
            let telling = is_number(token)
                || is_uuid(token)
                || is_unique_id(token)
                || is_canonical(token)
                || is_address(token);
            let follows = names_follow && BEFORE_A_NAME.contains(&before) && token != "_";
            if telling || follows {
                self.add(token);
            }
            before = token;
        }
    }

    /// The parts of an object's name, or of a pattern of such names.
    fn path(&mut self, path: &str) {
        for part in path.split('/') {
            let ends = part.split_once(['*', '?']);
            match ends {
                Some((front, _)) => {
                    let back = part.rsplit(['*', '?']).next().unwrap_or_default();
                    self.patterns.insert((front.to_owned(), back.to_owned()));
                }
                None => self.add(part),
            }
        }
    }
}

/// Runs of letters, digits and `-_.@`, each with what stands after it.
fn tokens(text: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    text.split_inclusive(|letter: char| !(letter.is_alphanumeric() || "-_.@".contains(letter)))
        .map(|piece| {
            let end = piece
                .chars()
                .next_back()
                .filter(|letter| !(letter.is_alphanumeric() || "-_.@".contains(*letter)));
            let token = piece
                .get(..piece.len() - end.map_or(0, char::len_utf8))
                .unwrap_or(piece);
            (token, end)
        })
}

/// The texts in quotation marks of a condition of Azure, without the actions and operations that it is about:
/// <https://learn.microsoft.com/azure/role-based-access-control/conditions-format>.
fn quoted(condition: &str) -> impl Iterator<Item = &str> {
    let parts: Vec<&str> = condition.split('\'').collect();
    let outside: Vec<&str> = parts.iter().copied().step_by(2).collect();
    let inside = parts.into_iter().skip(1).step_by(2);
    inside
        .zip(outside)
        .filter(|(_, before)| !before.trim_end().ends_with("Matches{"))
        .map(|(inside, _)| inside)
}

/// Whether a text is about actions or attributes of Azure (`Microsoft.Storage/storageAccounts/blobServices/read`), which
/// are made of the same words as the ID of a resource, and name none.
fn is_about_actions(text: &str) -> bool {
    text.contains("Microsoft.") && !text.contains("/providers/Microsoft.")
}

/// Whether a role is one of Azure's own, whose names are published.
fn is_built_in(role: &Map<String, Value>) -> bool {
    role.get("type")
        .or_else(|| role.get("roleType"))
        .and_then(Value::as_str)
        == Some("BuiltInRole")
}

fn is_plain(text: &str) -> bool {
    !text.contains(['/', ':', ' '])
}

/// `ana@acme.example`, and not `@Resource`, as conditions of Azure have it.
fn is_address(text: &str) -> bool {
    text.find('@').is_some_and(|at| at > 0)
}

fn is_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn is_unique_id(text: &str) -> bool {
    ["AIDA", "AROA", "AKIA", "ASIA"]
        .iter()
        .any(|kind| text.starts_with(kind))
        && text.len() >= 16
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_canonical(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The hash of one name, keyed with what only this run knew.
struct Hash(String);

impl Hash {
    fn of(name: &str, key: Option<&[u8; 32]>, count: usize) -> Self {
        let keyed = key.and_then(|key| Hmac::<Sha256>::new_from_slice(key).ok());
        Self(match keyed {
            Some(mut keyed) => {
                keyed.update(name.as_bytes());
                hex::encode(keyed.finalize().into_bytes())
            }
            None => format!("{count:064x}"),
        })
    }

    fn digits(&self, most: usize) -> &str {
        // Where there is no key, what tells the names apart stands at the end.
        self.0
            .get(self.0.len().saturating_sub(most)..)
            .unwrap_or(&self.0)
    }
}

/// What stands in place of a name: of the same form, so that it is read as the same kind of thing.
fn pseudonym(name: &str, hash: &Hash, patterns: &BTreeSet<(String, String)>) -> String {
    if is_number(name) {
        let number =
            u64::from_str_radix(hash.digits(15), 16).unwrap_or_default() % 1_000_000_000_000;
        return format!("{number:012}");
    }
    if is_uuid(name) {
        let bits = u128::from_str_radix(hash.digits(32), 16).unwrap_or_default();
        return uuid::Builder::from_random_bytes(bits.to_be_bytes())
            .into_uuid()
            .to_string();
    }
    if is_unique_id(name) {
        return format!(
            "{}{}",
            name.get(..4).unwrap_or_default(),
            hash.digits(17).to_uppercase()
        );
    }
    if is_canonical(name) {
        return hash.digits(64).to_owned();
    }
    if let Some((_, host)) = name.split_once('@') {
        let host = match host.split_once('.') {
            Some((_, rest)) if rest.ends_with("gserviceaccount.com") => {
                format!("n{}.{rest}", hash.digits(10))
            }
            Some(_) | None if host.ends_with("gserviceaccount.com") => host.to_owned(),
            Some(_) | None => "names.invalid".to_owned(),
        };
        return format!("n{}@{host}", hash.digits(10));
    }
    // What a pattern of a policy asks of a name stays, so that it matches the same names as before.
    let kept = patterns
        .iter()
        .filter(|(front, back)| {
            name.len() >= front.len() + back.len()
                && name.starts_with(front.as_str())
                && name.ends_with(back.as_str())
        })
        .max_by_key(|(front, back)| front.len() + back.len());
    let (front, back) = kept.map_or(("", ""), |(front, back)| (front.as_str(), back.as_str()));
    format!("{front}n{}{back}", hash.digits(10))
}
