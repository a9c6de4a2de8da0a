//! Settings as people make them, and as nobody would: from one seed always the same ones.

use serde_json::{Value, json};

use super::setting::{BUCKET, CustomRole, LevelPolicy, ORGANIZATION, SEGMENTS, Setting};

/// Makes settings.
pub struct Generator {
    random: fastrand::Rng,
}

const FOLDER: &str = "folders/7";
const FOLDER_ABOVE: &str = "folders/8";
const ORGANIZATION_ROLE: &str = "organizations/100200300400/roles/shared";
const READER: &str = "projects/acme-vision/roles/reader";
const LISTER: &str = "projects/acme-vision/roles/lister";

impl Generator {
    pub fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
        }
    }

    pub fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.random.usize(..values.len())]
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.random.u8(..100) < percent
    }

    pub fn setting(&mut self) -> Setting {
        let attachments = [
            "projects/acme-vision".to_owned(),
            FOLDER.to_owned(),
            FOLDER_ABOVE.to_owned(),
            format!("organizations/{ORGANIZATION}"),
        ];
        let denials = [0, 0, 0, 1, 1, 2][self.random.usize(..6)];
        let deny_policies = (0..denials)
            .map(|_| {
                let attachment = attachments[self.random.usize(..attachments.len())].clone();
                (attachment, self.deny_policy())
            })
            .collect();
        Setting {
            bucket: self.policy(3),
            managed_folders: ["photos/", "photos/2026/"]
                .map(|name| self.level(name, 2))
                .into(),
            project: self.policy(2),
            project_read: self.chance(90),
            ancestors: [FOLDER, FOLDER_ABOVE, &attachments[3]]
                .map(|name| self.level(name, 1))
                .into(),
            deny_policies,
            roles: [
                (READER, vec!["storage.objects.get"]),
                (LISTER, vec!["storage.objects.list"]),
                (
                    ORGANIZATION_ROLE,
                    vec!["storage.objects.get", "storage.objects.list"],
                ),
            ]
            .map(|(name, permissions)| self.role(name, permissions))
            .into(),
            bucket_prevented: self.chance(20),
            project_prevented: self.chance(20),
            public_known: self.chance(80),
            in_group: self.chance(50),
            tag: self.one_of(&[None, Some("prod"), Some("test")]),
        }
    }

    fn role(&mut self, name: &str, permissions: Vec<&'static str>) -> CustomRole {
        CustomRole {
            name: name.to_owned(),
            permissions,
            disabled: self.chance(15),
            deleted: self.chance(15),
            read: self.chance(90),
        }
    }

    fn level(&mut self, name: &str, most: usize) -> LevelPolicy {
        LevelPolicy {
            name: name.to_owned(),
            policy: self.policy(most),
            read: self.chance(95),
        }
    }

    fn policy(&mut self, most: usize) -> Value {
        let bindings: Vec<Value> = (0..self.random.usize(..=most))
            .map(|_| self.binding())
            .collect();
        json!({ "bindings": bindings })
    }

    fn binding(&mut self) -> Value {
        let role = self.one_of(&[
            "roles/storage.objectViewer",
            "roles/storage.objectViewer",
            "roles/storage.legacyObjectReader",
            "roles/storage.legacyBucketReader",
            "roles/storage.objectCreator",
            "roles/storage.objectAdmin",
            "roles/viewer",
            READER,
            READER,
            LISTER,
            ORGANIZATION_ROLE,
            "projects/acme-vision/roles/never-made",
        ]);
        let members: Vec<String> = (0..=self.random.usize(..2))
            .map(|_| self.member())
            .collect();
        let mut binding = json!({ "role": role, "members": members });
        if self.chance(45) {
            let expression = self.condition(2);
            binding["condition"] = json!({ "title": "when", "expression": expression });
        }
        binding
    }

    fn member(&mut self) -> String {
        let segments = format!("serviceAccount:{SEGMENTS}");
        match self.random.u8(..24) {
            0..7 => segments,
            7 => "group:readers@acme.example".to_owned(),
            8 => "group:nobody@acme.example".to_owned(),
            9 | 10 => "allUsers".to_owned(),
            11 | 12 => "allAuthenticatedUsers".to_owned(),
            13 => "domain:segments.ai".to_owned(),
            14 => "domain:acme.example".to_owned(),
            15 => format!("deleted:{segments}?uid=123456789012345678901"),
            16 => "projectViewer:acme-vision".to_owned(),
            17 => "projectEditor:acme-vision".to_owned(),
            18 => "user:viewer@acme.example".to_owned(),
            19 => "serviceAccount:loader@partner-data.iam.gserviceaccount.com".to_owned(),
            20 => "principalSet://cloudresourcemanager.googleapis.com/projects/200000000001/type/ServiceAccount".to_owned(),
            21 => "principalSet://cloudresourcemanager.googleapis.com/organizations/300/type/ServiceAccount".to_owned(),
            22 => "principalSet://iam.googleapis.com/locations/global/workforcePools/acme/*".to_owned(),
            _ => "principal://iam.googleapis.com/locations/global/workforcePools/acme/subject/ana".to_owned(),
        }
    }

    fn condition(&mut self, depth: u8) -> String {
        if depth == 0 {
            return self.atom();
        }
        match self.random.u8(..10) {
            0 | 1 => format!(
                "{} && {}",
                self.condition(depth - 1),
                self.condition(depth - 1)
            ),
            2 | 3 => format!(
                "({} || {})",
                self.condition(depth - 1),
                self.condition(depth - 1)
            ),
            4 => format!("!({})", self.condition(depth - 1)),
            _ => self.atom(),
        }
    }

    fn atom(&mut self) -> String {
        let own = format!("projects/_/buckets/{BUCKET}");
        let operator = self.one_of(&["<", "<=", ">", ">="]);
        match self.random.u8(..20) {
            0 | 1 => {
                let prefix = self.one_of(&["", "/objects/", "/objects/photos/", "/objects/scans", "-2/objects/"]);
                format!(r#"resource.name.startsWith("{own}{prefix}")"#)
            }
            2 => {
                let suffix = self.one_of(&[".jpg", ".png", "", "images"]);
                format!("resource.name.endsWith('{suffix}')")
            }
            3 => {
                let equal = self.one_of(&["==", "!="]);
                let name = self.one_of(&["", "/objects/photos/cat.jpg", "/objects/readme"]);
                format!(r#"resource.name {equal} "{own}{name}""#)
            }
            4 => {
                let template = self.one_of(&["/objects/{folder}/", "buckets/{name}/", "photos/{rest}", "{all}"]);
                let value = self.one_of(&["photos", BUCKET, "cat.jpg", ""]);
                format!(r#"resource.name.extract("{template}") == "{value}""#)
            }
            5 | 6 => {
                let equal = self.one_of(&["==", "!="]);
                let kind = self.one_of(&["Object", "Bucket", "ManagedFolder"]);
                format!(r#"resource.type {equal} "storage.googleapis.com/{kind}""#)
            }
            7 => {
                let equal = self.one_of(&["==", "!="]);
                let service = self.one_of(&["storage", "compute"]);
                format!(r#""{service}.googleapis.com" {equal} resource.service"#)
            }
            8 | 9 => {
                let moment = self.moment();
                format!("request.time {operator} {moment}")
            }
            10 => {
                let moment = self.moment();
                format!("{moment} {operator} request.time")
            }
            11 => {
                let moment = self.moment();
                let direction = self.one_of(&["+", "-"]);
                format!(r#"request.time {operator} {moment} {direction} duration("31536000s")"#)
            }
            12 => {
                let moment = self.moment();
                format!("request.time - duration('7776000s') {operator} {moment}")
            }
            13 => self.tag().to_owned(),
            14 => self
                .one_of(&[
                    r#"request.time.getHours("UTC") >= 9 && request.time.getHours() < 17"#,
                    "request.time.getFullYear() == 2026",
                    "request.time.getDayOfWeek('UTC') > 0",
                ])
                .to_owned(),
            15 => self
                .one_of(&[
                    r#"api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("photos/")"#,
                    "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])",
                ])
                .to_owned(),
            16 => self
                .one_of(&[
                    r#"request.path.startsWith("/admin")"#,
                    r#"request.path != "/admin""#,
                    "destination.port == 443",
                ])
                .to_owned(),
            17 => r#"timestamp("2026-06-31T00:00:00Z") > request.time"#.to_owned(),
            18 => "true".to_owned(),
            _ => "false".to_owned(),
        }
    }

    fn moment(&mut self) -> &'static str {
        self.one_of(&[
            r#"timestamp("2020-01-01T00:00:00Z")"#,
            r#"timestamp("2026-03-01T08:30:00.5Z")"#,
            r#"timestamp("2026-09-01T08:30:00Z")"#,
            r#"timestamp("2099-12-31T23:59:59Z")"#,
            "date('2026-01-01')",
            "date('2027-01-01')",
        ])
    }

    fn tag(&mut self) -> &'static str {
        self.one_of(&[
            "resource.matchTag('100200300400/env', 'prod')",
            "resource.hasTagKey('100200300400/env')",
            "!resource.matchTag('100200300400/env', 'test')",
        ])
    }

    fn deny_policy(&mut self) -> Value {
        let rules: Vec<Value> = (0..=self.random.usize(..2))
            .map(|_| json!({ "denyRule": self.deny_rule() }))
            .collect();
        json!({ "name": "policies/x/denypolicies/guard", "displayName": "guard", "rules": rules })
    }

    fn deny_rule(&mut self) -> Value {
        let mut rule = json!({
            "deniedPrincipals": [self.principal()],
            "deniedPermissions": [self.permission()],
        });
        if self.chance(40) {
            rule["exceptionPrincipals"] = json!([self.principal()]);
        }
        if self.chance(40) {
            rule["exceptionPermissions"] = json!([self.permission()]);
        }
        if self.chance(20) {
            let expression = if self.chance(80) {
                self.tag().to_owned()
            } else {
                self.condition(1)
            };
            rule["denialCondition"] = json!({ "title": "when", "expression": expression });
        }
        rule
    }

    fn principal(&mut self) -> String {
        let us = format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{SEGMENTS}");
        match self.random.u8(..13) {
            0..4 => "principalSet://goog/public:all".to_owned(),
            4..7 => us,
            7 => "principalSet://goog/group/readers@acme.example".to_owned(),
            8 => "principalSet://goog/cloudIdentityCustomerId/C01segmnt".to_owned(),
            9 => "principal://goog/subject/viewer@acme.example".to_owned(),
            10 => format!("deleted:{us}?uid=1234567890"),
            11 => "principalSet://cloudresourcemanager.googleapis.com/organizations/200/type/ServiceAccount".to_owned(),
            _ => "principalSet://iam.googleapis.com/locations/global/workforcePools/acme/*".to_owned(),
        }
    }

    fn permission(&mut self) -> &'static str {
        self.one_of(&[
            "storage.googleapis.com/objects.get",
            "storage.googleapis.com/objects.get",
            "storage.googleapis.com/objects.list",
            "storage.googleapis.com/objects.*",
            "storage.googleapis.com/*.*",
            "storage.googleapis.com/*.get",
            "storage.googleapis.com/buckets.*",
            "cloudresourcemanager.googleapis.com/projects.delete",
        ])
    }
}
