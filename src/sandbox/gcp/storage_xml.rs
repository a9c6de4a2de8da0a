//! Cloud Storage's XML API, as far as links and browsers need it: objects, and errors in XML.
//!
//! See <https://cloud.google.com/storage/docs/xml-api/overview>.

use super::call::Call;
use super::content;
use super::identity::Identity;
use super::objects::find;
use super::operation::{Operation, Storage};
use super::problem::{Code, Problem};
use super::refusal::{invalid, no_bucket};
use super::visit::Visit;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Parameters of a signature, and those that an object's content has.
const PARAMETERS: [&str; 9] = [
    "x-goog-algorithm",
    "x-goog-credential",
    "x-goog-date",
    "x-goog-expires",
    "x-goog-signedheaders",
    "x-goog-signature",
    "userproject",
    "response-content-disposition",
    "response-content-type",
];

/// Handles one request.
pub(crate) fn handle(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let (
        Operation::Storage(Storage::GetObject | Storage::GetObjectMetadata),
        Some(bucket),
        Some(object),
    ) = (call.operation, &call.bucket, &call.object)
    else {
        return match &call.bucket {
            Some(bucket) if world.bucket(bucket).is_none() => Err(no_bucket()),
            _ => Err(Problem::not_implemented(format!(
                "{} {}",
                request.method, request.path
            ))),
        };
    };
    check_parameters(call)?;
    let visit = Visit::enter(world, identity, request, call, bucket)?;
    let found = find(&visit, object)?;
    let mut answer = content::answer(&visit, request, found)?;
    for (parameter, header) in [
        ("response-content-disposition", "content-disposition"),
        ("response-content-type", "content-type"),
    ] {
        if let Some(value) = call.parameter(parameter) {
            answer.headers.retain(|(name, _)| name != header);
            answer = answer.header(header, value);
        }
    }
    Ok(answer)
}

fn check_parameters(call: &Call) -> Result<(), Problem> {
    let unknown = call
        .query
        .iter()
        .find(|(name, _)| !PARAMETERS.contains(&name.to_ascii_lowercase().as_str()));
    match unknown {
        None => Ok(()),
        Some((name, _))
            if ["generation", "GoogleAccessId", "X-Amz-Algorithm"].contains(&name.as_str()) =>
        {
            Err(Problem::not_implemented(format!("the parameter {name}")))
        }
        Some((name, _)) => Err(invalid(format!("Unknown parameter: {name}."))),
    }
}

/// An error.
/// See <https://cloud.google.com/storage/docs/xml-api/reference-status>.
pub(crate) fn error(problem: &Problem) -> Answer {
    let (code, details) = problem.xml.clone().unwrap_or_else(|| {
        let words = [
            (Code::PermissionDenied, "AccessDenied"),
            (Code::Unavailable, "ServiceUnavailable"),
            (Code::Internal, "InternalError"),
            (Code::ResourceExhausted, "SlowDown"),
        ];
        let word = words.iter().find(|(code, _)| *code == problem.code);
        (
            word.map_or_else(|| problem.code.name(), |(_, word)| word)
                .to_owned(),
            None,
        )
    });
    // Nobody in particular is forbidden here, and not asked to sign in.
    let status = match (code.as_str(), problem.http_status()) {
        ("AccessDenied", 401) => 403,
        (_, status) => status,
    };
    let message = match code.as_str() {
        "AccessDenied" | "SignatureDoesNotMatch" | "UserProjectAccessDenied" => "Access denied.",
        "AuthenticationRequired" => "Authentication required.",
        "InvalidArgument" => "Invalid argument.",
        "NoSuchKey" => "The specified key does not exist.",
        _ => &problem.message,
    };
    let details = details.or_else(|| (message != problem.message).then(|| problem.message.clone()));
    let details = details.map_or_else(String::new, |details| {
        format!("<Details>{}</Details>", escaped(&details))
    });
    Answer::new(status)
        .header("server", "UploadServer")
        .header("cache-control", "private, max-age=0")
        .body(
            "application/xml; charset=UTF-8",
            format!(
                "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{}</Code><Message>{}</Message>{details}</Error>",
                escaped(&code),
                escaped(message)
            ),
        )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
