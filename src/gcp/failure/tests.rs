use google_cloud_gax::error::rpc::Status;
use serde_json::json;

use super::*;

const DOING: Doing<'static> = Doing {
    what: "could not write the IAM policy of `acme-images`",
    permission: "storage.buckets.setIamPolicy",
    caller: "ana@acme.example",
    project: Some("acme-vision"),
};

fn grpc(code: Code, message: &str) -> Error {
    Error::service(Status::default().set_code(code).set_message(message))
}

fn written(code: Code, message: &str) -> WriteFailure {
    write_failure(DOING, &grpc(code, message))
}

#[test]
fn each_status_says_whether_a_write_may_have_been_done() {
    use WriteFailure::{Busy, Moved, Rejected, Unanswered, Unclear};
    for (code, matches) in [
        (
            Code::Aborted,
            matches!(written(Code::Aborted, "etag"), Moved),
        ),
        (
            Code::FailedPrecondition,
            matches!(written(Code::FailedPrecondition, "metageneration"), Moved),
        ),
        (
            Code::ResourceExhausted,
            matches!(written(Code::ResourceExhausted, "slow down"), Busy(_)),
        ),
        (
            Code::Unavailable,
            matches!(written(Code::Unavailable, ""), Unclear(_)),
        ),
        (
            Code::Internal,
            matches!(written(Code::Internal, ""), Unclear(_)),
        ),
        (
            Code::DeadlineExceeded,
            matches!(written(Code::DeadlineExceeded, ""), Unanswered(_)),
        ),
        (
            Code::InvalidArgument,
            matches!(written(Code::InvalidArgument, ""), Rejected(_)),
        ),
        (
            Code::PermissionDenied,
            matches!(written(Code::PermissionDenied, ""), Rejected(_)),
        ),
    ] {
        assert!(matches, "{code:?}: {:?}", written(code, ""));
    }
    assert!(matches!(
        write_failure(DOING, &Error::timeout("late")),
        Unanswered(_)
    ));
    assert!(matches!(
        write_failure(DOING, &Error::connect("refused")),
        Busy(failure) if matches!(failure.code, ErrorCode::NoNetwork | ErrorCode::Proxy)
    ));
}

#[test]
fn a_missing_permission_is_named_with_the_caller() {
    let failure = failure(DOING, &grpc(Code::PermissionDenied, "ana may not"));
    assert_eq!(failure.code, ErrorCode::NotPermitted);
    assert_eq!(failure.missing, ["storage.buckets.setIamPolicy"]);
    assert!(failure.hints[0].contains("ana@acme.example"));
}

#[test]
fn an_interface_that_is_not_enabled_comes_with_the_command_that_enables_it() {
    let body = json!({"error": {
        "code": 403, "status": "PERMISSION_DENIED",
        "message": "Identity and Access Management (IAM) API has not been used in project 1 before or it is disabled.",
        "details": [{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED",
            "domain": "googleapis.com", "metadata": {"service": "iam.googleapis.com"},
        }],
    }});
    let failure = answered(DOING, 403, body.to_string().as_bytes());
    assert_eq!(failure.code, ErrorCode::ApiDisabled);
    assert!(failure.missing.is_empty());
    assert!(
        failure.hints[0]
            .contains("gcloud services enable iam.googleapis.com --project=acme-vision"),
        "{failure:?}"
    );
}

#[test]
fn both_constraints_on_members_are_recognised() {
    for constraint in DOMAIN_CONSTRAINTS {
        let body = json!({"error": {
            "code": 400, "status": "FAILED_PRECONDITION", "message": "One or more users named in the policy are refused.",
            "details": [{
                "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
                "violations": [{"type": constraint, "subject": "orgpolicy:buckets/b", "description": "x"}],
            }],
        }});
        let said = said_in_body(400, body.to_string().as_bytes());
        assert_eq!(domain_constraint(&said), Some(constraint));
        assert_eq!(kind_of(&said), Kind::Answered(ErrorCode::NotPermitted));
    }
    let old = Said {
        message: "One or more users named in the policy do not belong to a permitted customer."
            .to_owned(),
        ..Said::default()
    };
    assert_eq!(domain_constraint(&old), Some(DOMAIN_CONSTRAINTS[0]));
    assert_eq!(domain_constraint(&Said::default()), None);
}

#[test]
fn perimeters_scopes_and_quota_projects_have_their_own_words() {
    for (reason, message, part) in [
        (
            "",
            "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x",
            "perimeter",
        ),
        ("USER_PROJECT_DENIED", "no", "set-quota-project"),
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "no", "cloud-platform"),
    ] {
        let body = json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": message,
            "details": [{"reason": reason}]}});
        let failure = answered(DOING, 403, body.to_string().as_bytes());
        assert!(failure.hints[0].contains(part), "{failure:?}");
    }
}

#[test]
fn an_answer_that_is_not_googles_is_told_by_its_status() {
    for (http, status) in [
        (403, "PERMISSION_DENIED"),
        (502, "UNAVAILABLE"),
        (404, "NOT_FOUND"),
    ] {
        assert_eq!(said_in_body(http, b"<html>").status, status);
    }
}

#[test]
fn an_ended_sign_in_is_told_without_what_was_sent() {
    let body = r#"body=<{"error":"invalid_grant","error_description":"Token has been expired or revoked.","refresh_token":"1//secret"}>"#;
    let error = Error::authentication(CredentialsError::from_msg(false, body));
    let failure = failure(DOING, &error);
    assert_eq!(failure.code, ErrorCode::CredentialsExpired);
    assert_eq!(
        failure.causes,
        ["invalid_grant: Token has been expired or revoked."]
    );
    assert!(!format!("{failure:?}").contains("secret"));
    assert!(failure.hints[0].contains("application-default login"));
}
