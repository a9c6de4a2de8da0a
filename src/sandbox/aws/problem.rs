//! An error as AWS gives it, in the form of each service.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> and
//! <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>.

use serde_json::json;

use super::call::Service;
use super::xml::escape;
use crate::sandbox::answer::Answer;

/// An error on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// Further elements of the error, in order.
    pub fields: Vec<(String, String)>,
    /// Headers that go with it, even where there is no body.
    pub headers: Vec<(String, String)>,
}

impl Problem {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            fields: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The bare refusal that an outsider gets.
    pub fn access_denied() -> Self {
        Self::new(403, "AccessDenied", "Access Denied")
    }

    /// Something that AWS can do and this place cannot: said loudly, so that nothing is concluded from it.
    pub fn not_implemented(what: impl std::fmt::Display) -> Self {
        Self::new(
            501,
            "NotImplemented",
            format!("The sandbox does not implement this: {what}"),
        )
    }

    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The answer in the form of a service. S3 answers HEAD without a body.
    pub fn answer(&self, service: Service, request_id: &str, host_id: &str, head: bool) -> Answer {
        let mut answer = Answer::new(self.status);
        answer.headers.clone_from(&self.headers);
        if head {
            return answer.header("content-type", "application/xml");
        }
        match service {
            Service::S3 => answer.body(
                "application/xml",
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{}\
                     <RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>",
                    self.elements()
                ),
            ),
            Service::S3Control => answer.body(
                "text/xml",
                format!(
                    "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">\
                     <Error>{}</Error><RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></ErrorResponse>",
                    self.elements()
                ),
            ),
            Service::Sts => answer.body(
                "text/xml",
                format!(
                    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                     <Error><Type>Sender</Type>{}</Error><RequestId>{request_id}</RequestId></ErrorResponse>",
                    self.elements()
                ),
            ),
            Service::Kms => answer
                .header("x-amzn-errortype", self.code.clone())
                .body(
                    "application/x-amz-json-1.1",
                    json!({ "__type": self.code, "message": self.message }).to_string(),
                ),
        }
    }

    fn elements(&self) -> String {
        use std::fmt::Write as _;

        let mut text = format!(
            "<Code>{}</Code><Message>{}</Message>",
            escape(&self.code),
            escape(&self.message)
        );
        for (name, value) in &self.fields {
            // Writing to a string does not fail.
            let _ = write!(text, "<{name}>{}</{name}>", escape(value));
        }
        text
    }
}
