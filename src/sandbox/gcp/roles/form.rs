//! A role as the IAM API writes it, and which of it a request changes.
//!
//! See <https://cloud.google.com/iam/docs/reference/rest/v1/organizations.roles#Role>.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use crate::sandbox::gcp::json::{Members, underscored};
use crate::sandbox::gcp::policy::is_permission;
use crate::sandbox::gcp::problem::{Code, Problem};
use crate::sandbox::gcp::role::{Role, Stage};

/// See <https://cloud.google.com/iam/docs/creating-custom-roles#creating>.
const LONGEST_TITLE: usize = 100;
const LONGEST_DESCRIPTION: usize = 300;
const MOST_PERMISSIONS: usize = 3000;

/// The fields that a mask may name.
const WRITABLE: [&str; 4] = ["description", "included_permissions", "stage", "title"];

/// A role in a request; what is `None` was not in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub name: Option<String>,
    pub etag: Option<Vec<u8>>,
    title: Option<String>,
    description: Option<String>,
    included_permissions: Option<Vec<String>>,
    stage: Option<Stage>,
}

impl Wanted {
    pub fn read(value: Value) -> Result<Self, Problem> {
        let mut members = Members::of(value, "role")?;
        let stage = match members.take("stage") {
            None => None,
            Some(value) => {
                let stage = match &value {
                    Value::String(name) => Stage::of_name(name),
                    other => other.as_u64().and_then(Stage::of_number),
                };
                Some(stage.ok_or_else(|| members.wrong("stage", &value))?)
            }
        };
        // Whether it is deleted is passed over in requests, as its description says.
        members.take("deleted");
        let wanted = Self {
            name: members.text("name")?.filter(|name| !name.is_empty()),
            etag: members
                .text("etag")?
                .filter(|etag| !etag.is_empty())
                .map(|etag| read_etag(&etag))
                .transpose()?,
            title: members.text("title")?,
            description: members.text("description")?,
            included_permissions: members.texts("includedPermissions")?,
            stage,
        };
        members.finish()?;
        Ok(wanted)
    }

    /// Writes the named fields; without a mask, those that are there.
    pub fn write(self, role: &mut Role, paths: &[String]) -> Result<(), Problem> {
        let named = |field: &str| paths.iter().any(|path| path == field);
        let everything = paths.is_empty();
        if named("title") || (everything && self.title.is_some()) {
            role.title = self.title.unwrap_or_default();
        }
        if named("description") || (everything && self.description.is_some()) {
            role.description = self.description.unwrap_or_default();
        }
        if named("included_permissions") || (everything && self.included_permissions.is_some()) {
            role.included_permissions = self.included_permissions.unwrap_or_default();
            role.included_permissions.sort();
            role.included_permissions.dedup();
        }
        if named("stage") || (everything && self.stage.is_some()) {
            role.stage = self.stage.unwrap_or_default();
        }
        role.revision += 1;
        check(role)
    }
}

/// The paths of a mask, in either case.
pub(super) fn paths(mask: &str) -> Result<Vec<String>, Problem> {
    let paths: Vec<String> = mask
        .split(',')
        .filter(|path| !path.is_empty())
        .map(underscored)
        .collect();
    match paths.iter().find(|path| !WRITABLE.contains(&path.as_str())) {
        None => Ok(paths),
        Some(unknown) => Err(Problem::new(
            Code::InvalidArgument,
            format!("Invalid field mask: '{unknown}' cannot be updated."),
        )),
    }
}

pub(super) fn check_id(id: &str) -> Result<(), Problem> {
    let good = (3..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
    if good {
        return Ok(());
    }
    Err(Problem::new(
        Code::InvalidArgument,
        format!(
            "The role_id ({id}) is invalid. It must have between 3 and 64 characters, which may be letters, digits, \
             underscores and periods."
        ),
    ))
}

fn check(role: &Role) -> Result<(), Problem> {
    let invalid = |message: String| Err(Problem::new(Code::InvalidArgument, message));
    if role.title.len() > LONGEST_TITLE {
        return invalid(format!(
            "The title of a role may have at most {LONGEST_TITLE} bytes."
        ));
    }
    if role.description.len() > LONGEST_DESCRIPTION {
        return invalid(format!(
            "The description of a role may have at most {LONGEST_DESCRIPTION} bytes."
        ));
    }
    if role.included_permissions.len() > MOST_PERMISSIONS {
        return invalid(format!(
            "A role may include at most {MOST_PERMISSIONS} permissions."
        ));
    }
    match role
        .included_permissions
        .iter()
        .find(|permission| !is_permission(permission))
    {
        Some(unknown) => invalid(format!("Permission {unknown} is not valid.")),
        None => Ok(()),
    }
}

/// The etag: a few bytes that change with every change.
pub(super) fn etag_of(role: &Role) -> Vec<u8> {
    let mut bytes = vec![0x07, 0x06];
    bytes.extend(&role.revision.to_be_bytes()[2..]);
    bytes
}

/// Bytes come in either alphabet.
pub(super) fn read_etag(text: &str) -> Result<Vec<u8>, Problem> {
    STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .map_err(|_| Problem::new(Code::InvalidArgument, format!("Invalid etag: {text}")))
}

/// A role in an answer. Its stage is left out while it is ALPHA; permissions are for the full view.
pub(super) fn shown(name: &str, role: &Role, numbers: bool, full: bool) -> Value {
    let mut value = json!({ "name": name });
    let mut add = |member: &str, content: Value| value[member] = content;
    if !role.title.is_empty() {
        add("title", json!(role.title));
    }
    if !role.description.is_empty() {
        add("description", json!(role.description));
    }
    if full && !role.included_permissions.is_empty() {
        add("includedPermissions", json!(role.included_permissions));
    }
    if role.stage != Stage::Alpha {
        let (number, word) = role.stage.wire();
        add("stage", if numbers { json!(number) } else { json!(word) });
    }
    add("etag", json!(STANDARD.encode(etag_of(role))));
    if role.deleted.is_some() {
        add("deleted", json!(true));
    }
    value
}
