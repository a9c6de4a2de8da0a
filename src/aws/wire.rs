//! What every AWS request goes through: nothing leaves over plain http but to this machine, and with `-v`
//! it is told what was sent, without secrets.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextRef,
    BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};
use bytes::Bytes;

use super::failure::{ClockSkew, PlainHttp};

/// Guards and reports every request.
#[derive(Debug)]
pub struct Wire;

#[dyn_dispatch_hint]
impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "Wire"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let uri: http::Uri = request.uri().parse()?;
        let host = uri.host().unwrap_or_default().to_owned();
        // S3 Control puts the account before the host, as in `111122223333.127.0.0.1`. No resolver knows such
        // a name for this machine, so a request to it goes to the socket itself; the signed `Host` stays.
        if let Some(rest) = loopback_behind_prefix(&host) {
            let direct = request.uri().replacen(&host, rest, 1);
            if let Some(signed) = uri.authority() {
                request
                    .headers_mut()
                    .try_insert("host", signed.to_string())?;
            }
            request.set_uri(direct)?;
        } else if uri.scheme_str() != Some("https") && !is_loopback(&host) {
            return Err(Box::new(PlainHttp(format!("http://{host}"))));
        }
        // A link that is only signed comes through here too, and is not sent.
        if !request.uri().contains("X-Amz-Signature=") {
            tracing::debug!("{} {}", request.method(), crate::redact::url(request.uri()));
        }
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        tracing::debug!(
            "  {} {}",
            response.status().as_u16(),
            response
                .headers()
                .get("x-amz-request-id")
                .unwrap_or_default()
        );
        if response.status().is_client_error()
            && let Some(minutes) = response.headers().get("date").and_then(minutes_apart)
        {
            return Err(Box::new(ClockSkew(minutes)));
        }
        Ok(())
    }
}

/// How far this machine's clock is from the service's, in minutes, where it is more than AWS puts up with. The SDK
/// would sign again with the service's time, and only some requests would then work: neither links nor HEAD.
fn minutes_apart(date: &str) -> Option<i64> {
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?.secs();
    let ours = DateTime::from(std::time::SystemTime::now()).secs();
    let minutes = (ours - theirs) / 60;
    (minutes.abs() > 15).then_some(minutes)
}

fn loopback_behind_prefix(host: &str) -> Option<&str> {
    let (prefix, rest) = host.split_once('.')?;
    let account = prefix.len() == 12 && prefix.chars().all(|c| c.is_ascii_digit());
    (account && is_loopback(rest)).then_some(rest)
}

fn is_loopback(host: &str) -> bool {
    url::Host::parse(host).is_ok_and(|host| crate::probe::is_loopback(&host))
}

/// Keeps the bytes of an answer beside what the SDK makes of them.
#[derive(Debug, Clone, Default)]
pub struct Capture(Arc<Mutex<Option<Bytes>>>);

impl Capture {
    /// The bytes of the last answer.
    #[must_use]
    pub fn take(&self) -> Option<Bytes> {
        self.0.lock().ok()?.take()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "Capture"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(bytes), Ok(mut kept)) = (context.response().body().bytes(), self.0.lock()) {
            *kept = Some(Bytes::copy_from_slice(bytes));
        }
        Ok(())
    }
}
