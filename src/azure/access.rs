//! The way to a storage account: who is asking, with which credentials, in which tenant, and where the account is.

use std::sync::Arc;

use azure_core::credentials::TokenCredential as _;
use futures_util::StreamExt as _;
use futures_util::future::{join, join3};
use futures_util::stream;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::Shared;
use super::account::{Account, Accounts, Taken};
use super::credential::{Credential, Link};
use super::directory::Directory;
use super::endpoints::Endpoints;
use super::failure::{Doing, Unanswered, named, refused};
use super::identity::Caller;
use super::place::Place;
use super::rest::{Call, Rest, Service};
use super::transport::Transport;
use super::view::owner_only;
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};
use crate::probe::{Exchange, Prober};
use crate::settings::{Action, AzureSettings};

/// <https://learn.microsoft.com/rest/api/resources/subscriptions/list>.
const SUBSCRIPTIONS_API: &str = "2022-12-01";
/// How many subscriptions are looked through at once.
const AT_ONCE: usize = 24;
/// More than any directory has; a service that pages without end is not followed.
pub(super) const MOST_PAGES: usize = 200;

/// The way to a storage account.
pub struct Access {
    /// The client.
    pub rest: Shared<Rest>,
    /// The service principal.
    pub directory: Directory,
    /// The account, and where it is.
    pub place: Place,
    /// Who is asking.
    pub caller: Caller,
    /// With which credentials.
    pub link: Option<Link>,
    rights: OnceCell<Result<Vec<Value>, Failure>>,
}

impl Access {
    /// Signs in, looks for the account, and asks meanwhile for whatever else will be needed.
    ///
    /// # Errors
    /// When nobody is signed in, when the account is not there, or when it cannot be told.
    pub async fn open(settings: &AzureSettings) -> Result<Self, Failure> {
        let endpoints = Endpoints::from_environment()?;
        let rest = client(settings, &endpoints)?;
        let credential = rest.credential().clone();
        let directory = directory_of(
            &rest,
            &endpoints,
            settings,
            "whoever is signed in".to_owned(),
        );
        let ahead = async {
            if directory.given().is_none() {
                directory.first().await;
            }
        };
        let blobs = async {
            // The checks will read blobs: a token for them is asked for while nothing else can go on.
            if matches!(settings.action, Action::Connect | Action::Verify) {
                let _ = credential.get_token(&[Service::Blob.scope()], None).await;
            }
        };
        let find = async {
            let token = credential
                .get_token(&[Service::ResourceManager.scope()], None)
                .await
                .map_err(|error| {
                    Unanswered::of_credential(&error).doing("not signed in to Azure")
                })?;
            let caller = Caller::of_token(token.token.secret());
            let finder = Finder {
                accounts: Accounts::new(&rest, &endpoints, &caller.in_words())?,
                rest: &rest,
                endpoints: &endpoints,
                caller: &caller,
                settings,
            };
            let found = finder.find().await?;
            Ok::<_, Failure>((caller, found))
        };
        let (found, (), ()) = join3(find, ahead, blobs).await;
        let (caller, found) = found?;
        let link = credential.link();
        let signed_in_to = caller.tenant.clone();
        if let (Some(of_account), Some(of_token)) = (&found.tenant, &signed_in_to)
            && !of_account.eq_ignore_ascii_case(of_token)
        {
            return Err(Failure::new(
                ErrorCode::WrongAccount,
                format!(
                    "the storage account `{}` is in the tenant {of_account}, and you are signed in to the tenant {of_token}",
                    settings.account
                ),
            )
            .cause(named(Cause::Z26))
            .hint(format!("sign in there: give `--tenant {of_account}`")));
        }
        directory.say_who(&caller.in_words());
        let mut place = Place::of(settings, endpoints.clone());
        place.account = found.account;
        place.tenant = found.tenant.or(signed_in_to);
        Ok(Self {
            rest,
            directory,
            place,
            caller,
            link,
            rights: OnceCell::new(),
        })
    }

    /// Signs in to the blob endpoint alone, as Segments.ai does. Neither Azure Resource Manager nor the directory is asked.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn open_as_segments(settings: &AzureSettings) -> Result<Self, Failure> {
        let endpoints = Endpoints::from_environment()?;
        let rest = client(settings, &endpoints)?;
        let token = rest
            .credential()
            .get_token(&[Service::Blob.scope()], None)
            .await
            .map_err(|error| Unanswered::of_credential(&error).doing("not signed in to Azure"))?;
        let caller = Caller::of_token(token.token.secret());
        let link = rest.credential().link();
        let mut place = Place::of(settings, endpoints.clone());
        place.tenant = caller.tenant.clone().or(place.tenant);
        place.account = Err(Box::new(owner_only()));
        Ok(Self {
            directory: directory_of(&rest, &endpoints, settings, caller.in_words()),
            rest,
            place,
            caller,
            link,
            rights: OnceCell::new(),
        })
    }

    /// The account.
    ///
    /// # Errors
    /// Why it is not to be seen.
    pub fn account(&self) -> Result<&Account, Failure> {
        self.place.account()
    }

    /// Where Azure's services are.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.place.endpoints
    }

    /// What the caller may do with the account, asked once: rights do not change while a plan is looked at.
    pub async fn rights(&self) -> &Result<Vec<Value>, Failure> {
        self.rights
            .get_or_init(|| super::reads::permissions(self))
            .await
    }

    /// The command that does `action` to this account, to be copied.
    #[must_use]
    pub fn command(&self, action: &str) -> String {
        self.place.command(action)
    }

    /// Who is asking, and with which credentials.
    #[must_use]
    pub fn who(&self) -> String {
        match self.link {
            Some(link) => format!(
                "{} (signed in with {})",
                self.caller.in_words(),
                link.in_words()
            ),
            None => self.caller.in_words(),
        }
    }

    /// Reads something of Azure Resource Manager as JSON.
    ///
    /// # Errors
    /// When it is not answered, or not with success.
    pub async fn get(&self, url: url::Url, what: &str, right: &str) -> Result<Value, Failure> {
        get(&self.rest, url, &self.doing(what, right)).await
    }

    /// Reads a list of Azure Resource Manager, page by page.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn list(
        &self,
        url: url::Url,
        what: &str,
        right: &str,
    ) -> Result<Vec<Value>, Failure> {
        list(&self.rest, url, &self.doing(what, right)).await
    }

    /// What is being done, for a failure.
    #[must_use]
    pub fn caller_words(&self) -> String {
        self.caller.in_words()
    }

    fn doing<'a>(&'a self, what: &'a str, right: &'a str) -> OwnedDoing<'a> {
        OwnedDoing {
            what,
            right,
            caller: self.caller.in_words(),
        }
    }
}

/// The client, and whose credentials it sends.
fn client(settings: &AzureSettings, endpoints: &Endpoints) -> Result<Shared<Rest>, Failure> {
    let transport = Arc::new(Transport::new(settings.timeout));
    // In a rehearsal the sign-in may be behind the same socket, which speaks plain http.
    let _ = transport.dressed(&endpoints.resource_manager);
    let credential = Credential::from_environment(&transport, settings.tenant.as_deref())?;
    Ok(Shared::new(Rest::new(transport, Arc::new(credential))))
}

fn directory_of(
    rest: &Shared<Rest>,
    endpoints: &Endpoints,
    settings: &AzureSettings,
    caller: String,
) -> Directory {
    let given = settings.service_principal_id.clone();
    Directory::new(rest.clone(), endpoints.clone(), caller, given)
}

/// [`Doing`] with the caller's name in it.
struct OwnedDoing<'a> {
    what: &'a str,
    right: &'a str,
    caller: String,
}

async fn get(rest: &Rest, url: url::Url, doing: &OwnedDoing<'_>) -> Result<Value, Failure> {
    let answer = rest
        .read(&Call::get(Service::ResourceManager, url))
        .await
        .map_err(|unanswered| unanswered.doing(doing.what))?;
    if answer.succeeded() {
        answer.json(doing.what)
    } else {
        Err(refused(
            &Doing {
                what: doing.what,
                right: doing.right,
                caller: &doing.caller,
            },
            &answer,
            Service::ResourceManager,
        ))
    }
}

/// Every item of a list. A page whose successor is somewhere else is not followed: the token would go along.
async fn list(rest: &Rest, url: url::Url, doing: &OwnedDoing<'_>) -> Result<Vec<Value>, Failure> {
    let odd =
        |what: &str| Failure::new(ErrorCode::UnexpectedAnswer, doing.what).cause(what.to_owned());
    let home = url.origin();
    let mut next = Some(url);
    let mut items = Vec::new();
    let mut pages = 0;
    while let Some(url) = next.take() {
        pages += 1;
        if pages > MOST_PAGES {
            return Err(odd("the list does not end"));
        }
        let page = get(rest, url, doing).await?;
        let Some(value) = page.get("value").and_then(Value::as_array) else {
            return Err(odd("the answer is no list"));
        };
        items.extend(value.iter().cloned());
        next = match page.get("nextLink").and_then(Value::as_str) {
            None | Some("") => None,
            Some(link) => match url::Url::parse(link) {
                Ok(url) if url.origin() == home => Some(url),
                Ok(_) | Err(_) => {
                    return Err(odd(
                        "the answer names another service as the address of its next page",
                    ));
                }
            },
        };
    }
    Ok(items)
}

/// What was found.
struct Found {
    account: Result<Box<Account>, Box<Failure>>,
    tenant: Option<String>,
}

/// Looks for the account.
struct Finder<'a> {
    accounts: Accounts,
    rest: &'a Rest,
    endpoints: &'a Endpoints,
    caller: &'a Caller,
    settings: &'a AzureSettings,
}

impl Finder<'_> {
    async fn find(&self) -> Result<Found, Failure> {
        let name = self.settings.account.as_str();
        if let Some(subscription) = &self.settings.subscription {
            let (described, found) = join(
                self.subscription(subscription),
                self.in_subscription(subscription),
            )
            .await;
            // Whoever may see the account need not see the subscription; then the token's own tenant has to do.
            let tenant = described.as_ref().ok().and_then(tenant_of);
            return match found {
                Ok(Some(account)) => Ok(Found {
                    account: Ok(Box::new(account)),
                    tenant,
                }),
                Ok(None) => {
                    described?;
                    self.missing(std::slice::from_ref(subscription), Vec::new(), tenant)
                        .await
                }
                Err(failure) if failure.code == ErrorCode::NotPermitted => {
                    self.missing(std::slice::from_ref(subscription), vec![failure], tenant)
                        .await
                }
                // A subscription that is not there is told as such.
                Err(failure) => match described {
                    Err(described) if described.code == ErrorCode::TargetNotFound => Err(described),
                    Ok(_) | Err(_) => Err(failure),
                },
            };
        }
        let subscriptions = self.subscriptions().await?;
        let (subscriptions, ids): (Vec<&Value>, Vec<String>) = subscriptions
            .iter()
            .filter_map(|subscription| {
                let id = subscription.get("subscriptionId")?.as_str()?;
                Some((subscription, id.to_owned()))
            })
            .unzip();
        let mut asked = stream::iter(subscriptions.iter().zip(&ids))
            .map(|(subscription, id)| async move { (subscription, self.in_subscription(id).await) })
            .buffer_unordered(AT_ONCE);
        let mut failures = Vec::new();
        while let Some((subscription, answer)) = asked.next().await {
            match answer {
                // Names are one for all of Azure, so there is no second one.
                Ok(Some(account)) => {
                    return Ok(Found {
                        account: Ok(Box::new(account)),
                        tenant: tenant_of(subscription),
                    });
                }
                Ok(None) => {}
                Err(failure) => failures.push(failure),
            }
        }
        drop(asked);
        // A subscription that could not be asked for another reason than rights may be the one.
        if let Some(at) = failures
            .iter()
            .position(|failure| failure.code != ErrorCode::NotPermitted)
        {
            return Err(failures
                .swap_remove(at)
                .hint(format!("the storage account `{name}` may be in that subscription; name another one with `--subscription ID`")));
        }
        self.missing(&ids, failures, None).await
    }

    async fn in_subscription(&self, subscription: &str) -> Result<Option<Account>, Failure> {
        let name = self.settings.account.as_str();
        match &self.settings.resource_group {
            Some(group) => {
                self.accounts
                    .in_resource_group(subscription, group, name)
                    .await
            }
            None => self.accounts.in_subscription(subscription, name).await,
        }
    }

    /// The account is in no subscription that was looked at. That it does not exist is said only where Azure said so.
    async fn missing(
        &self,
        subscriptions: &[String],
        failures: Vec<Failure>,
        tenant: Option<String>,
    ) -> Result<Found, Failure> {
        let name = self.settings.account.as_str();
        let group = self
            .settings
            .resource_group
            .as_ref()
            .map_or_else(String::new, |group| {
                format!(", in the resource group `{group}`")
            });
        let place = match subscriptions {
            [] => "you see no subscription".to_owned(),
            [one] => format!("it is not in the subscription {one}{group}, as far as you may see"),
            many => format!(
                "it is in none of the {} subscriptions that you see{group}",
                many.len()
            ),
        };
        let (taken, others) = join(self.taken(subscriptions), self.other_tenants()).await;
        let mut hints = vec![
            "name where it is with `--subscription ID` and `--resource-group NAME`, or sign in as somebody who may read it".to_owned(),
        ];
        if !others.is_empty() {
            hints.push(format!(
                "you may sign in to other tenants too: {}; name one with `--tenant`",
                others.join(", ")
            ));
        }
        let message = match taken {
            Taken::Yes => format!("you may not see the storage account `{name}`"),
            Taken::No | Taken::Unknown => format!("could not find the storage account `{name}`"),
        };
        let code = match taken {
            Taken::No => ErrorCode::TargetNotFound,
            Taken::Unknown if failures.is_empty() => ErrorCode::TargetNotFound,
            Taken::Yes | Taken::Unknown => ErrorCode::NotPermitted,
        };
        let mut failure = Failure::new(code, message);
        failure = match taken {
            Taken::Yes => failure.cause(format!("there is one of that name, and {place}")),
            Taken::No => failure.cause("there is no storage account of that name in all of Azure"),
            Taken::Unknown => failure.cause(place),
        };
        if code == ErrorCode::NotPermitted {
            failure = failure.missing("Microsoft.Storage/storageAccounts/read");
        }
        if taken == Taken::No {
            hints = vec!["check the name; `az storage account list --query [].name` lists the ones that you see".to_owned()];
        }
        failure.hints = hints;
        let helps = matches!(self.settings.action, Action::Connect | Action::Plan { .. });
        if taken == Taken::Yes && helps && self.settings.service_principal_id.is_none() {
            // Installing the app needs no right on the account: that half can be done all the same.
            return Ok(Found {
                account: Err(Box::new(failure)),
                tenant,
            });
        }
        Err(failure)
    }

    async fn taken(&self, subscriptions: &[String]) -> Taken {
        let name = self.settings.account.as_str();
        if let Some(subscription) = subscriptions.first() {
            let taken = self.accounts.taken(subscription, name).await;
            if taken != Taken::Unknown {
                return taken;
            }
        }
        // Whoever sees no subscription can still ask the account itself: its name is a host. A rehearsal has that host
        // behind the socket of Azure Resource Manager.
        let host = format!("{name}.blob.core.windows.net");
        let (url, host) = if self.endpoints.rehearsal {
            let mut url = self.endpoints.resource_manager.clone();
            url.set_path("/");
            (url, Some(host))
        } else {
            match url::Url::parse(&format!("https://{host}/")) {
                Ok(url) => (url, None),
                Err(_) => return Taken::Unknown,
            }
        };
        let prober = Prober::new(self.settings.timeout);
        let asked = prober
            .preflight(&url, host.as_deref(), super::templates::ORIGIN, "GET", &[])
            .await;
        match asked {
            Ok(exchange) if is_of_an_account(&exchange) => Taken::Yes,
            Ok(_) | Err(_) => Taken::Unknown,
        }
    }

    /// Tenants besides the one that the token is for.
    async fn other_tenants(&self) -> Vec<String> {
        let url = self.endpoints.resource("/tenants", SUBSCRIPTIONS_API);
        let listed = list(self.rest, url, &self.doing("could not list the tenants")).await;
        listed
            .unwrap_or_default()
            .iter()
            .filter_map(|tenant| Some(tenant.get("tenantId")?.as_str()?.to_owned()))
            .filter(|id| Some(id) != self.caller.tenant.as_ref())
            .collect()
    }

    async fn subscriptions(&self) -> Result<Vec<Value>, Failure> {
        let url = self.endpoints.resource("/subscriptions", SUBSCRIPTIONS_API);
        list(
            self.rest,
            url,
            &self.doing("could not list your subscriptions"),
        )
        .await
    }

    async fn subscription(&self, id: &str) -> Result<Value, Failure> {
        let url = self
            .endpoints
            .resource(&format!("/subscriptions/{id}"), SUBSCRIPTIONS_API);
        let doing = format!("could not read the subscription `{id}`");
        get(self.rest, url, &self.doing(&doing))
            .await
            .map_err(|failure| {
                if failure.code == ErrorCode::TargetNotFound {
                    failure.hint("`az account list` lists the subscriptions that you see; one in another tenant needs `--tenant`")
                } else {
                    failure
                }
            })
    }

    fn doing<'a>(&self, what: &'a str) -> OwnedDoing<'a> {
        OwnedDoing {
            what,
            right: "Microsoft.Resources/subscriptions/read",
            caller: self.caller.in_words(),
        }
    }
}

fn tenant_of(subscription: &Value) -> Option<String> {
    Some(subscription.get("tenantId")?.as_str()?.to_owned())
}

/// Whether a blob service answered the preflight, and not something in between: it admits, or refuses in its own words,
/// be it for its rules or for its networks.
#[must_use]
pub fn is_of_an_account(exchange: &Exchange) -> bool {
    exchange.status == 200 && exchange.allow_origin.is_some()
        || exchange.status == 403
            && matches!(
                exchange.error_code.as_deref(),
                Some("CorsPreflightFailure" | "AuthorizationFailure")
            )
}
