//! Where the request of a browser goes: to the very host of the URL that was given, or to the bucket's own.
//!
//! Where another endpoint is in force, the request goes to its socket, with the `Host` that production has.

use url::Url;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The URL that is asked for.
    pub url: Url,
    /// The `Host` of the request, where it is not the URL's own.
    pub host: Option<String>,
    /// The URL as a browser has it.
    pub shown: Url,
}

impl Destination {
    /// To the bucket's own URL.
    #[must_use]
    pub fn own(url: Url) -> Self {
        Self {
            shown: url.clone(),
            url,
            host: None,
        }
    }

    /// To a URL that was given. `own` is the bucket's own URL, which tells whether another endpoint is in force.
    #[must_use]
    pub fn exactly(given: &Url, own: &Url) -> Self {
        let production = own
            .host_str()
            .is_some_and(|host| host.ends_with(".amazonaws.com"));
        let mut url = given.clone();
        if production {
            return Self::own(url);
        }
        let host = given.host_str().map(str::to_owned);
        let moved = url.set_scheme(own.scheme()).is_ok()
            && url.set_host(own.host_str()).is_ok()
            && url.set_port(own.port()).is_ok();
        if !moved {
            return Self::own(own.clone());
        }
        Self {
            url,
            host,
            shown: given.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    #[test]
    fn the_given_host_is_asked_and_not_the_buckets_own() {
        let given = url("https://s3.eu-west-1.amazonaws.com/acme/a%20b.jpg");
        let own = url("https://acme.s3.eu-west-1.amazonaws.com/a%20b.jpg");
        assert_eq!(
            Destination::exactly(&given, &own),
            Destination::own(given.clone())
        );
    }

    #[test]
    fn under_another_endpoint_only_the_socket_is_another() {
        let given = url("https://acme.s3.eu-west-1.amazonaws.com/a%20b.jpg?X-Amz-Date=1");
        let own = url("http://127.0.0.1:9000/acme/a%20b.jpg");
        let sent = Destination::exactly(&given, &own);
        assert_eq!(
            sent.url.as_str(),
            "http://127.0.0.1:9000/a%20b.jpg?X-Amz-Date=1"
        );
        assert_eq!(
            sent.host.as_deref(),
            Some("acme.s3.eu-west-1.amazonaws.com")
        );
        assert_eq!(sent.shown, given);
    }
}
