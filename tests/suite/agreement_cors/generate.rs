//! Rule sets and requests as people make them, and as nobody would: from one seed always the same ones.

use super::clouds::{Cloud, Undocumented};
use super::{Rule, Wish};

/// Makes rule sets and requests.
pub struct Generator {
    random: fastrand::Rng,
    cloud: Cloud,
}

const PAGE: &str = "https://app.segments.ai";

impl Generator {
    pub fn new(seed: u64, cloud: Cloud) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            cloud,
        }
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.random.usize(..values.len())]
    }

    /// One to three of them.
    fn some_of(&mut self, values: &[&str]) -> Vec<String> {
        (0..=self.random.usize(..3))
            .map(|_| self.one_of(values).to_owned())
            .collect()
    }

    pub fn rules(&mut self) -> Vec<Rule> {
        (0..self.random.usize(..5)).map(|_| self.rule()).collect()
    }

    fn rule(&mut self) -> Rule {
        const ORIGINS: [&str; 17] = [
            PAGE,
            PAGE,
            "https://*.segments.ai",
            "https://*.segments.ai",
            "*",
            "https://*",
            "https://app.*",
            "https://*segments.ai",
            "https://app.segments.ai/",
            "https://APP.segments.ai",
            "https://app.segments.ai:443",
            "https://app.segments.ai:8443",
            "http://app.segments.ai",
            "https://segments.ai",
            "app.segments.ai",
            "https://other.example",
            "https://*.other.example",
        ];
        let methods: &[&str] = match self.cloud {
            Cloud::S3 | Cloud::Azure => &["GET", "GET", "GET", "HEAD", "PUT", "POST", "DELETE"],
            Cloud::Google => &["GET", "GET", "GET", "HEAD", "PUT", "DELETE", "*", "get"],
        };
        let headers: &[&str] = match self.cloud {
            Cloud::S3 => &[
                "*",
                "range",
                "Range",
                "Content-Type",
                "x-amz-*",
                "*-match",
                "x-*-id",
            ],
            Cloud::Google => &[
                "*",
                "range",
                "Range",
                "Content-Type",
                "x-goog-*",
                "If-Match",
            ],
            Cloud::Azure => &[
                "*",
                "range",
                "Range",
                "Content-Type",
                "x-ms-*",
                "if-*",
                "ra",
            ],
        };
        Rule {
            origins: self.some_of(&ORIGINS),
            methods: self.some_of(methods),
            headers: if self.random.u8(..4) == 0 {
                Vec::new()
            } else {
                self.some_of(headers)
            },
        }
    }

    pub fn wishes(&mut self) -> Vec<Wish> {
        const HEADERS: [&[&str]; 7] = [
            &[],
            &["range"],
            &["content-type"],
            &["range", "content-type"],
            &["x-ms-meta-id"],
            &["x-amz-request-id"],
            &["if-match", "range"],
        ];
        (0..5)
            .map(|number| {
                let origin = self.one_of(&[
                    PAGE,
                    PAGE,
                    PAGE,
                    "https://webgpu.segments.ai",
                    "https://a.b.segments.ai",
                    "https://segments.ai",
                    "https://evilsegments.ai",
                    "http://app.segments.ai",
                    "https://app.segments.ai:8443",
                    "https://other.example",
                ]);
                // Every other one just loads.
                if number % 2 == 0 {
                    Wish {
                        origin,
                        method: self.one_of(&["GET", "GET", "GET", "PUT", "DELETE", "HEAD"]),
                        asks: Some(self.one_of(&HEADERS)),
                    }
                } else {
                    Wish {
                        origin,
                        method: self.one_of(&["GET", "GET", "HEAD"]),
                        asks: None,
                    }
                }
            })
            .collect()
    }

    /// How Google does what it does not document.
    pub fn undocumented(&mut self) -> Undocumented {
        Undocumented {
            subdomains: self.random.bool(),
            any_header: self.random.bool(),
        }
    }
}
