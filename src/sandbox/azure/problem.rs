//! An error as Azure gives it, in the form of each service.
//!
//! See <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>,
//! <https://learn.microsoft.com/graph/errors>, <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
//! and <https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2>.

use serde_json::{Value, json};

use super::call::Service;
use super::xml::element;
use crate::sandbox::answer::Answer;

/// An error on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// The number in `AADSTS…`, where Entra says no.
    pub entra: Option<u32>,
    /// Further elements of a storage error, in order.
    pub fields: Vec<(String, String)>,
    /// Headers that go with it.
    pub headers: Vec<(String, String)>,
}

impl Problem {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            entra: None,
            fields: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// What Entra says when it gives no token.
    pub fn entra(status: u16, error: &str, number: u32, message: impl std::fmt::Display) -> Self {
        Self {
            entra: Some(number),
            ..Self::new(status, error, format!("AADSTS{number}: {message}"))
        }
    }

    /// Something that Azure can do and this place cannot: said loudly, so that nothing is concluded from it.
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

    /// The code that the log keeps: Entra's number says more than its word.
    pub fn logged(&self) -> String {
        match self.entra {
            Some(number) => format!("AADSTS{number}"),
            None => self.code.clone(),
        }
    }

    /// The answer in the form of a service. There is no body in an answer to HEAD; the code stands in a header then.
    pub fn answer(&self, service: Service, request_id: &str, time: &str, head: bool) -> Answer {
        let mut answer = Answer::new(self.status);
        answer.headers.clone_from(&self.headers);
        match service {
            Service::ResourceManager => json_answer(answer, &self.resource_manager()),
            Service::Graph => json_answer(answer, &self.graph(request_id, time)),
            Service::Entra => json_answer(answer, &self.authority(request_id, time)),
            Service::ManagedIdentity => json_answer(
                answer,
                &json!({ "statusCode": self.status, "message": self.message }),
            ),
            Service::Blob => {
                let answer = answer.header("x-ms-error-code", self.code.clone());
                if head {
                    return answer;
                }
                answer.body("application/xml", self.storage(request_id, time))
            }
        }
    }

    fn resource_manager(&self) -> Value {
        json!({ "error": { "code": self.code, "message": self.message } })
    }

    fn graph(&self, request_id: &str, time: &str) -> Value {
        json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "innerError": {
                    "date": time,
                    "request-id": request_id,
                    "client-request-id": request_id,
                },
            },
        })
    }

    fn authority(&self, request_id: &str, time: &str) -> Value {
        json!({
            "error": self.code,
            "error_description": format!(
                "{} Trace ID: {request_id} Correlation ID: {request_id} Timestamp: {time}",
                self.message
            ),
            "error_codes": self.entra.into_iter().collect::<Vec<_>>(),
            "timestamp": time,
            "trace_id": request_id,
            "correlation_id": request_id,
        })
    }

    /// Storage puts a byte order mark before its XML, and the identifiers into the message.
    fn storage(&self, request_id: &str, time: &str) -> String {
        let message = format!("{}\nRequestId:{request_id}\nTime:{time}", self.message);
        let fields: String = self
            .fields
            .iter()
            .map(|(name, value)| element(name, value))
            .collect();
        format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error>{}{}{fields}</Error>",
            element("Code", &self.code),
            element("Message", &message),
        )
    }
}

fn json_answer(answer: Answer, body: &Value) -> Answer {
    answer.body("application/json; charset=utf-8", body.to_string())
}
