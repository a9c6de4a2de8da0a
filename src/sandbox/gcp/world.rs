//! What exists at Google Cloud: an organization, projects, people, custom roles and the circumstances under which
//! requests are judged.
//!
//! Plain data that a test seeds and inspects; nothing here decides. Buckets are in [`super::bucket`].

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use super::bucket::Bucket;
use super::person::{Person, Token};
use super::policy::{DenyPolicy, Policy};
use super::role::Role;

/// The customer's project in the default world.
pub const PROJECT: &str = "acme-vision";
/// The number of [`PROJECT`].
pub const PROJECT_NUMBER: u64 = 415_104_041_262;
/// The customer's organization, and the customer ID that goes with it.
pub const ORGANIZATION: u64 = 100_200_300_400;
/// The customer ID of [`ORGANIZATION`].
pub const CUSTOMER_ID: &str = "C01acme00";
/// The project of Segments.ai, in its own organization.
pub const SEGMENTS_PROJECT: &str = "segmentsai-prod";
/// The customer ID of Segments.ai's organization.
pub const SEGMENTS_CUSTOMER_ID: &str = "C01segmnt";
/// The bucket of [`World::acme`].
pub const BUCKET: &str = "acme-images";

/// May do everything in the customer's project.
pub const OWNER: &str = "owner@acme.example";
/// Has `roles/storage.admin` on [`BUCKET`] and nothing on the project.
pub const BUCKET_ADMIN: &str = "bucket-admin@acme.example";
/// Has `roles/viewer` on the project.
pub const VIEWER: &str = "viewer@acme.example";
/// A service account of the customer, with a key, that may set everything up.
pub const DEPLOYER: &str = "deployer@acme-vision.iam.gserviceaccount.com";
/// The service account that Segments.ai handed to this customer.
pub const SEGMENTS: &str = "acme@segmentsai-prod.iam.gserviceaccount.com";
/// A service account of some other company, which the customer may have let in.
pub const PARTNER: &str = "loader@partner-data.iam.gserviceaccount.com";

/// Everything at Google Cloud.
#[derive(Debug, Clone)]
pub struct World {
    /// How far Google's clock is ahead of this machine's.
    pub clock_offset: Duration,
    /// The organizations, by number.
    pub organizations: BTreeMap<u64, Organization>,
    /// The folders of the organizations, by number.
    pub folders: BTreeMap<u64, Folder>,
    /// The projects, by ID.
    pub projects: BTreeMap<String, Project>,
    /// The people and service accounts that can sign in, by e-mail address.
    pub persons: BTreeMap<String, Person>,
    /// Members that exist besides [`Self::persons`], so that a policy may name them: `user:…`, `group:…`,
    /// `serviceAccount:…`, `domain:…`.
    pub other_members: BTreeSet<String>,
    /// Who is in a group, by the group's e-mail address.
    pub groups: BTreeMap<String, BTreeSet<String>>,
    /// The buckets, by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// IAM deny policies.
    pub deny_policies: Vec<DenyPolicy>,
    /// Keys of Cloud KMS by their resource names, and whether they can be used.
    pub kms_keys: BTreeMap<String, KeyState>,
    /// The access tokens that were issued.
    pub tokens: BTreeMap<String, Token>,
    /// The address from which requests seem to come; `None`: the one from which they do.
    pub source_ip: Option<IpAddr>,
    /// The service account that the metadata server answers for; without one it does not answer.
    pub metadata_account: Option<String>,

    /// APIs that answer a person only on behalf of a quota project, which `gcloud` names in the credentials of those who
    /// may use one. See <https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds>.
    pub needs_quota_project: BTreeSet<String>,
    /// When a changed bucket policy begins to hold for reads of objects.
    pub propagation: Propagation,
    /// How many times a custom role that was just made is still unknown when a policy names it.
    pub new_roles_unknown_for: u32,
    /// How a policy whose etag moved is refused over gRPC.
    pub stale_etag: StaleEtag,
    /// Whether `https://*.example.com` as an origin matches sub-domains. Google documents a bare `*` alone; its own
    /// services write such origins into their buckets, so it does unless a test says otherwise.
    pub subdomain_origins_match: bool,
    /// Whether `*` as a response header stands for every header of a preflight. Undocumented as well.
    pub any_header_matches: bool,
    /// What somebody hears who may read objects and not list them, when there is no such object.
    pub missing_object: MissingObject,
}

/// An organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// The Cloud Identity or Workspace customer ID.
    pub customer_id: String,
    /// The domains of its users.
    pub domains: BTreeSet<String>,
    /// What is granted on the organization.
    pub policy: Policy,
    /// Its custom roles, by ID.
    pub roles: BTreeMap<String, Role>,
}

/// A folder of an organization, in which projects and other folders are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// The name that people gave it.
    pub display_name: String,
    /// The folder that it is in; `None` where it is in the organization itself.
    pub parent: Option<u64>,
    /// The organization.
    pub organization: u64,
    /// What is granted on the folder.
    pub policy: Policy,
}

/// A project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// The number.
    pub number: u64,
    /// The name that people gave it.
    pub display_name: String,
    /// The organization that it is in.
    pub organization: Option<u64>,
    /// The folder that it is in; `None` where it is in the organization itself.
    pub folder: Option<u64>,
    /// What is granted on the project.
    pub policy: Policy,
    /// The custom roles, by ID, deleted ones too.
    pub roles: BTreeMap<String, Role>,
    /// APIs that are not enabled, such as `iam.googleapis.com`.
    pub disabled_services: BTreeSet<String>,
    /// Whether it is marked for deletion.
    pub deleted: bool,
    /// The perimeter of VPC Service Controls around the project; `None` when there is none.
    pub perimeter: Option<Perimeter>,
    /// The legacy constraint `iam.allowedPolicyMemberDomains`: customer IDs (`C…`, `is:C…`) and principal sets that
    /// may be granted something; `None` when it is not set.
    /// See <https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains>.
    pub allowed_policy_member_domains: Option<Vec<String>>,
    /// The managed constraint `iam.managed.allowedPolicyMembers`; `None` when it is not set.
    pub allowed_policy_members: Option<AllowedPolicyMembers>,
    /// The constraint `storage.publicAccessPrevention`, which reaches every bucket that leaves it to the organization.
    /// See <https://cloud.google.com/storage/docs/org-policy-constraints#public-access-prevention>.
    pub public_access_prevention: bool,
}

/// A perimeter of VPC Service Controls that protects Cloud Storage. Nobody here is inside of it.
/// See <https://cloud.google.com/vpc-service-controls/docs/overview>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Perimeter {
    /// Whom an ingress rule lets in, by e-mail address.
    pub admitted: BTreeSet<String>,
}

/// The parameters of the managed constraint `iam.managed.allowedPolicyMembers`.
/// See <https://cloud.google.com/iam/docs/domain-restricted-sharing>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedPolicyMembers {
    /// Members, with their type: `serviceAccount:…`.
    pub allowed_member_subjects: Vec<String>,
    /// Principal sets: `//cloudresourcemanager.googleapis.com/organizations/…`.
    pub allowed_principal_sets: Vec<String>,
}

/// Whether a key of Cloud KMS can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It can.
    Enabled,
    /// Its version is disabled.
    Disabled,
    /// Its version is destroyed.
    Destroyed,
    /// Cloud Storage's own service agent may not use it.
    NotPermitted,
}

/// When a changed bucket policy begins to hold for reads of objects.
/// See <https://cloud.google.com/iam/docs/access-change-propagation>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Propagation {
    /// At once.
    #[default]
    Immediate,
    /// After that many reads of objects in the bucket were judged by the policy before it.
    AfterReads(u32),
    /// When [`World::propagate`] is called.
    UntilTold,
}

/// How a policy whose etag moved is refused over gRPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StaleEtag {
    /// `ABORTED`, as IAM describes it: <https://cloud.google.com/iam/docs/retry-strategy>.
    #[default]
    Aborted,
    /// `FAILED_PRECONDITION`: what the JSON form's status, 412, stands for.
    FailedPrecondition,
}

/// What somebody hears who may read objects and not list them, when there is no such object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingObject {
    /// 403, since existence is for those to know who may list.
    #[default]
    Forbidden,
    /// 404.
    NotFound,
}

impl World {
    /// The default world with [`BUCKET`] in it, two photos, and the customer's people on it.
    #[must_use]
    pub fn acme() -> Self {
        let mut world = Self::default();
        let bucket = world.add_bucket(BUCKET);
        bucket
            .policy
            .grant("roles/storage.admin", &format!("user:{BUCKET_ADMIN}"));
        bucket.add_object("photos/one cat.png", "a photo of one cat");
        bucket.add_object("photos/two.png", "a photo of two");
        world
    }

    /// What Google's clock shows.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let here = OffsetDateTime::now_utc();
        here.checked_add(self.clock_offset).unwrap_or(here)
    }

    /// Makes a bucket of the customer with the settings that new buckets have, and returns it.
    pub fn add_bucket(&mut self, name: &str) -> &mut Bucket {
        let bucket = Bucket::new(name, PROJECT);
        self.buckets.insert(name.to_owned(), bucket);
        self.buckets.entry(name.to_owned()).or_default()
    }

    /// The bucket of that name, for inspection.
    #[must_use]
    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// Adds somebody who can sign in, and returns them.
    pub fn add_person(&mut self, person: Person) -> &mut Person {
        let email = person.email.clone();
        self.persons.insert(email.clone(), person.clone());
        self.persons.entry(email).or_insert(person)
    }

    /// The project with that ID or number.
    #[must_use]
    pub fn project(&self, name: &str) -> Option<(&str, &Project)> {
        self.projects
            .iter()
            .find(|(id, project)| *id == name || project.number.to_string() == name)
            .map(|(id, project)| (id.as_str(), project))
    }

    /// The project with that ID or number, to change it.
    pub fn project_mut(&mut self, name: &str) -> Option<&mut Project> {
        let id = self.project(name)?.0.to_owned();
        self.projects.get_mut(&id)
    }

    /// The folders above a project, the nearest first.
    #[must_use]
    pub fn folders_above(&self, project: &Project) -> Vec<u64> {
        let mut line = Vec::new();
        let mut next = project.folder;
        while let Some(number) = next.filter(|number| !line.contains(number)) {
            line.push(number);
            next = self.folders.get(&number).and_then(|folder| folder.parent);
        }
        line
    }

    /// Lets every bucket policy hold that is still on its way.
    pub fn propagate(&mut self) {
        for bucket in self.buckets.values_mut() {
            bucket.lag = None;
        }
    }

    /// An access token for an account, as its token endpoint would have issued it.
    pub fn issue_token(&mut self, email: &str) -> String {
        use sha2::{Digest as _, Sha256};
        let count = self.tokens.len().to_string();
        let token = format!(
            "ya29.{}",
            hex::encode(Sha256::digest(email.to_owned() + &count))
        );
        let scopes = self
            .persons
            .get(email)
            .map(|person| person.scopes.clone())
            .unwrap_or_default();
        let issued = Token {
            email: email.to_owned(),
            scopes,
            expires: self.now() + Duration::HOUR,
        };
        self.tokens.insert(token.clone(), issued);
        token
    }
}

impl Default for World {
    /// The customer's organization with a project and its people, Segments.ai and another company each with theirs. No
    /// bucket.
    fn default() -> Self {
        let organization = |customer_id: &str, domain: &str| Organization {
            customer_id: customer_id.to_owned(),
            domains: [domain.to_owned()].into(),
            policy: Policy::default(),
            roles: BTreeMap::new(),
        };
        let project = |number: u64, organization: u64, display_name: &str| Project {
            number,
            display_name: display_name.to_owned(),
            organization: Some(organization),
            ..Project::default()
        };
        let mut acme = project(PROJECT_NUMBER, ORGANIZATION, "Acme Vision");
        acme.policy.grant("roles/owner", &format!("user:{OWNER}"));
        acme.policy.grant("roles/viewer", &format!("user:{VIEWER}"));
        for role in [
            "roles/browser",
            "roles/iam.roleAdmin",
            "roles/storage.admin",
        ] {
            acme.policy
                .grant(role, &format!("serviceAccount:{DEPLOYER}"));
        }
        let mut customer = organization(CUSTOMER_ID, "acme.example");
        for role in [
            "roles/iam.denyReviewer",
            "roles/orgpolicy.policyViewer",
            "roles/resourcemanager.organizationAdmin",
        ] {
            customer.policy.grant(role, &format!("user:{OWNER}"));
        }
        let owner = Person {
            quota_project: Some(PROJECT.to_owned()),
            ..Person::user(OWNER)
        };
        let persons = [
            owner,
            Person::user(BUCKET_ADMIN),
            Person::user(VIEWER),
            Person::service_account(DEPLOYER),
            Person::service_account(SEGMENTS),
            Person::service_account(PARTNER),
        ];
        Self {
            clock_offset: Duration::ZERO,
            organizations: BTreeMap::from([
                (ORGANIZATION, customer),
                (200, organization(SEGMENTS_CUSTOMER_ID, "segments.ai")),
                (300, organization("C01partnr", "partner.example")),
            ]),
            folders: BTreeMap::new(),
            projects: BTreeMap::from([
                (PROJECT.to_owned(), acme),
                (
                    SEGMENTS_PROJECT.to_owned(),
                    project(200_000_000_001, 200, "Segments.ai"),
                ),
                (
                    "partner-data".to_owned(),
                    project(300_000_000_001, 300, "Partner Data"),
                ),
            ]),
            persons: persons
                .into_iter()
                .map(|person| (person.email.clone(), person))
                .collect(),
            other_members: BTreeSet::new(),
            groups: BTreeMap::new(),
            buckets: BTreeMap::new(),
            deny_policies: Vec::new(),
            kms_keys: BTreeMap::new(),
            tokens: BTreeMap::new(),
            source_ip: None,
            metadata_account: None,
            needs_quota_project: ["orgpolicy.googleapis.com".to_owned()].into(),
            propagation: Propagation::default(),
            new_roles_unknown_for: 0,
            stale_etag: StaleEtag::default(),
            subdomain_origins_match: true,
            any_header_matches: true,
            missing_object: MissingObject::default(),
        }
    }
}
