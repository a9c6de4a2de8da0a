//! The condition keys that exist, and what they have in one request.
//!
//! A key that exists and is not part of a request is absent; whatever this place cannot tell is said to be unknown.
//! From <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>,
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html> and
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html>.

use std::collections::{BTreeMap, BTreeSet};

/// What the values of a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Date,
    Truth,
    Address,
    Arn,
}

/// A key that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub kind: Kind,
    /// Whether a request can have several values for it.
    pub many: bool,
}

/// The services whose requests are judged, each with keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    S3,
    Kms,
}

/// The keys of one request.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    service: Service,
    present: BTreeMap<String, Entry>,
    untold: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    values: Vec<String>,
}

/// What a request has for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup<'a> {
    Present(&'a [String]),
    Absent,
    /// This place cannot tell, or there is no such key.
    Unknown,
}

impl Keys {
    /// A request to a service, about which nothing is told yet.
    pub fn of(service: Service) -> Self {
        Self {
            service,
            present: BTreeMap::new(),
            untold: BTreeSet::new(),
        }
    }

    /// The request has this value.
    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        self.put_all(name, vec![value.into()]);
    }

    /// The request has these values.
    pub fn put_all(&mut self, name: &str, values: Vec<String>) {
        let entry = Entry {
            name: name.to_owned(),
            values,
        };
        // Names of keys have no case: of two tags that differ in nothing else, which one counts is not documented.
        if self.present.insert(folded(name), entry).is_some() {
            self.leave_untold(name);
        }
    }

    /// This place cannot tell whether the request has the key.
    pub fn leave_untold(&mut self, name: &str) {
        self.untold.insert(folded(name));
    }

    /// Looks a key up. Its name has no case, but tags of objects do.
    pub fn find(&self, name: &str) -> Lookup<'_> {
        let lower = folded(name);
        if self.untold.contains(&lower) {
            return Lookup::Unknown;
        }
        match self.present.get(&lower) {
            Some(entry) if lower.starts_with(OBJECT_TAG) && tail(&entry.name) != tail(name) => {
                Lookup::Unknown
            }
            Some(entry) => Lookup::Present(&entry.values),
            None if told_of(self.service, &lower) => Lookup::Absent,
            None => Lookup::Unknown,
        }
    }
}

fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn tail(name: &str) -> &str {
    name.split_once('/').map_or(name, |(_, tail)| tail)
}

const OBJECT_TAG: &str = "s3:existingobjecttag/";

/// A key by its name; `None` when there is none, or when a policy of that service cannot have it.
pub(crate) fn known(service: Service, name: &str) -> Option<Key> {
    let lower = folded(name);
    let own = match service {
        Service::S3 => OF_S3.as_slice(),
        Service::Kms => OF_KMS.as_slice(),
    };
    GLOBAL
        .iter()
        .chain(own)
        .find(|(known, ..)| {
            // Names that end so go on with one's own: the key of a tag, or of the encryption context.
            match known.strip_suffix(['/', '>']) {
                Some(_) => {
                    let prefix = known.trim_end_matches('>');
                    lower.len() > prefix.len() && lower.starts_with(prefix)
                }
                None => lower == *known,
            }
        })
        .map(|(_, kind, many)| Key {
            kind: *kind,
            many: *many,
        })
}

/// Whether a key that a request does not have is known not to be in it. What KMS sees of a request that S3 makes for
/// somebody is documented for the caller and for KMS's own keys alone.
fn told_of(service: Service, lower: &str) -> bool {
    let seen = match service {
        Service::S3 => true,
        Service::Kms => {
            lower.starts_with("kms:") && lower != "kms:resourcealiases"
                || lower.starts_with("aws:principal")
                || lower == "aws:username"
        }
    };
    seen && known(service, lower).is_some()
}

type Row = (&'static str, Kind, bool);

const GLOBAL: [Row; 49] = [
    ("aws:assumedroot", Kind::Truth, false),
    ("aws:calledvia", Kind::Text, true),
    ("aws:calledviafirst", Kind::Text, false),
    ("aws:calledvialast", Kind::Text, false),
    ("aws:chatbotsourcearn", Kind::Arn, false),
    ("aws:currenttime", Kind::Date, false),
    ("aws:ec2instancesourceprivateipv4", Kind::Address, false),
    ("aws:ec2instancesourcevpc", Kind::Text, false),
    ("aws:epochtime", Kind::Date, false),
    ("aws:federatedprovider", Kind::Text, false),
    ("aws:multifactorauthage", Kind::Number, false),
    ("aws:multifactorauthpresent", Kind::Truth, false),
    ("aws:principalaccount", Kind::Text, false),
    ("aws:principalarn", Kind::Arn, false),
    ("aws:principalisawsservice", Kind::Truth, false),
    ("aws:principalorgid", Kind::Text, false),
    ("aws:principalorgpaths", Kind::Text, true),
    ("aws:principalservicename", Kind::Text, false),
    ("aws:principalservicenameslist", Kind::Text, true),
    ("aws:principaltag/", Kind::Text, false),
    ("aws:principaltype", Kind::Text, false),
    ("aws:referer", Kind::Text, false),
    ("aws:requestedregion", Kind::Text, false),
    ("aws:requesttag/", Kind::Text, false),
    ("aws:resourceaccount", Kind::Text, false),
    ("aws:resourceorgid", Kind::Text, false),
    ("aws:resourceorgpaths", Kind::Text, true),
    ("aws:resourcetag/", Kind::Text, false),
    ("aws:securetransport", Kind::Truth, false),
    ("aws:sourceaccount", Kind::Text, false),
    ("aws:sourcearn", Kind::Arn, false),
    ("aws:sourceidentity", Kind::Text, false),
    ("aws:sourceip", Kind::Address, false),
    ("aws:sourceorgid", Kind::Text, false),
    ("aws:sourceorgpaths", Kind::Text, true),
    ("aws:sourceowner", Kind::Text, false),
    ("aws:sourcevpc", Kind::Text, false),
    ("aws:sourcevpcarn", Kind::Arn, false),
    ("aws:sourcevpce", Kind::Text, false),
    ("aws:tagkeys", Kind::Text, true),
    ("aws:tokenissuetime", Kind::Date, false),
    ("aws:useragent", Kind::Text, false),
    ("aws:userid", Kind::Text, false),
    ("aws:username", Kind::Text, false),
    ("aws:viaawsservice", Kind::Truth, false),
    ("aws:vpceaccount", Kind::Text, false),
    ("aws:vpceorgid", Kind::Text, false),
    ("aws:vpceorgpaths", Kind::Text, true),
    ("aws:vpcsourceip", Kind::Address, false),
];

const OF_S3: [Row; 51] = [
    ("s3:accessgrantsinstancearn", Kind::Arn, false),
    ("s3:accesspointnetworkorigin", Kind::Text, false),
    ("s3:accesspointtag/", Kind::Text, false),
    ("s3:authtype", Kind::Text, false),
    ("s3:buckettag/", Kind::Text, false),
    ("s3:dataaccesspointaccount", Kind::Text, false),
    ("s3:dataaccesspointarn", Kind::Text, false),
    ("s3:delimiter", Kind::Text, false),
    (OBJECT_TAG, Kind::Text, false),
    ("s3:if-match", Kind::Text, false),
    ("s3:if-none-match", Kind::Text, false),
    ("s3:inventoryaccessibleoptionalfields", Kind::Text, true),
    ("s3:locationconstraint", Kind::Text, false),
    ("s3:max-keys", Kind::Number, false),
    ("s3:object-lock-legal-hold", Kind::Text, false),
    ("s3:object-lock-mode", Kind::Text, false),
    (
        "s3:object-lock-remaining-retention-days",
        Kind::Number,
        false,
    ),
    ("s3:object-lock-retain-until-date", Kind::Date, false),
    ("s3:objectcreationoperation", Kind::Truth, false),
    ("s3:prefix", Kind::Text, false),
    ("s3:requestobjecttag/", Kind::Text, false),
    ("s3:requestobjecttagkeys", Kind::Text, true),
    ("s3:resourceaccount", Kind::Text, false),
    ("s3:signatureage", Kind::Number, false),
    ("s3:signatureversion", Kind::Text, false),
    ("s3:tlsversion", Kind::Number, false),
    ("s3:versionid", Kind::Text, false),
    ("s3:x-amz-acl", Kind::Text, false),
    ("s3:x-amz-bucket-namespace", Kind::Text, false),
    ("s3:x-amz-content-sha256", Kind::Text, false),
    ("s3:x-amz-copy-source", Kind::Text, false),
    ("s3:x-amz-grant-full-control", Kind::Text, false),
    ("s3:x-amz-grant-read", Kind::Text, false),
    ("s3:x-amz-grant-read-acp", Kind::Text, false),
    ("s3:x-amz-grant-write", Kind::Text, false),
    ("s3:x-amz-grant-write-acp", Kind::Text, false),
    ("s3:x-amz-metadata-directive", Kind::Text, false),
    ("s3:x-amz-object-ownership", Kind::Text, false),
    ("s3:x-amz-server-side-encryption", Kind::Text, false),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        Kind::Arn,
        false,
    ),
    (
        "s3:x-amz-server-side-encryption-customer-algorithm",
        Kind::Text,
        false,
    ),
    ("s3:x-amz-storage-class", Kind::Text, false),
    ("s3:x-amz-website-redirect-location", Kind::Text, false),
    ("s3:destinationregion", Kind::Text, false),
    ("s3:isreplicationpauserequest", Kind::Truth, false),
    ("s3:jobsuspendedcause", Kind::Text, false),
    ("s3:existingjoboperation", Kind::Text, false),
    ("s3:existingjobpriority", Kind::Number, false),
    ("s3:requestjoboperation", Kind::Text, false),
    ("s3:requestjobpriority", Kind::Number, false),
    ("s3:accessgrantscope", Kind::Text, false),
];

const OF_KMS: [Row; 15] = [
    ("kms:calleraccount", Kind::Text, false),
    ("kms:encryptionalgorithm", Kind::Text, false),
    ("kms:encryptioncontext:>", Kind::Text, false),
    ("kms:encryptioncontextkeys", Kind::Text, true),
    ("kms:grantconstrainttype", Kind::Text, false),
    ("kms:granteeprincipal", Kind::Text, false),
    ("kms:grantisforawsresource", Kind::Truth, false),
    ("kms:keyorigin", Kind::Text, false),
    ("kms:keyspec", Kind::Text, false),
    ("kms:keyusage", Kind::Text, false),
    ("kms:multiregion", Kind::Truth, false),
    ("kms:multiregionkeytype", Kind::Text, false),
    ("kms:requestalias", Kind::Text, false),
    ("kms:resourcealiases", Kind::Text, true),
    ("kms:viaservice", Kind::Text, false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_tags_of_objects_do() {
        let mut keys = Keys::of(Service::S3);
        keys.put("aws:PrincipalTag/Team", "blue");
        keys.put("s3:ExistingObjectTag/Team", "red");
        let blue = ["blue".to_owned()];
        assert_eq!(
            keys.find("AWS:principaltag/TEAM"),
            Lookup::Present(blue.as_slice())
        );
        assert!(matches!(
            keys.find("S3:existingObjectTag/Team"),
            Lookup::Present(_)
        ));
        assert_eq!(keys.find("s3:ExistingObjectTag/team"), Lookup::Unknown);
        assert_eq!(keys.find("s3:ExistingObjectTag/other"), Lookup::Absent);
    }

    #[test]
    fn what_does_not_exist_is_unknown_and_what_does_is_absent() {
        let keys = Keys::of(Service::S3);
        assert_eq!(keys.find("aws:SourceVpce"), Lookup::Absent);
        assert_eq!(keys.find("aws:SourceVpcee"), Lookup::Unknown);
        assert_eq!(keys.find("kms:ViaService"), Lookup::Unknown);
        assert_eq!(keys.find("aws:PrincipalTag/"), Lookup::Unknown);
        let keys = Keys::of(Service::Kms);
        assert_eq!(keys.find("kms:RequestAlias"), Lookup::Absent);
        assert_eq!(keys.find("kms:EncryptionContext:team"), Lookup::Absent);
        assert_eq!(keys.find("aws:SourceVpce"), Lookup::Unknown);
        assert_eq!(keys.find("s3:authType"), Lookup::Unknown);
    }

    #[test]
    fn two_tags_that_differ_in_case_alone_cannot_be_told_apart() {
        let mut keys = Keys::of(Service::S3);
        keys.put("s3:ExistingObjectTag/team", "a");
        keys.put("s3:ExistingObjectTag/Team", "b");
        assert_eq!(keys.find("s3:ExistingObjectTag/Team"), Lookup::Unknown);
    }
}
