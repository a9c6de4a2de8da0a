//! The machinery by itself: counting requests and counting round trips.

use std::time::Duration;

use super::intervention::Interventions;
use super::{Fault, FaultKind, LoggedRequest, Moment, On, round_trips};

fn request(start: u64, finish: Option<u64>) -> LoggedRequest {
    LoggedRequest {
        sequence: 1,
        service: "s3".to_owned(),
        operation: "GetObject".to_owned(),
        method: "GET".to_owned(),
        target: "/".to_owned(),
        bucket: None,
        caller: None,
        names_owner: false,
        status: None,
        error_code: None,
        start: Duration::from_millis(start),
        finish: finish.map(Duration::from_millis),
    }
}

#[test]
fn round_trips_are_the_longest_chain() {
    for (times, expected) in [
        (vec![], 0),
        (vec![(0, Some(10))], 1),
        (vec![(0, Some(10)), (0, Some(10)), (5, Some(20))], 1),
        (vec![(0, Some(10)), (10, Some(20)), (21, Some(30))], 3),
        (
            vec![(0, Some(10)), (2, Some(3)), (4, Some(5)), (11, Some(12))],
            3,
        ),
        (vec![(21, Some(30)), (0, Some(10)), (10, Some(20))], 3),
        (vec![(0, None), (10, Some(20))], 1),
    ] {
        let requests: Vec<_> = times
            .iter()
            .map(|(start, finish)| request(*start, *finish))
            .collect();
        assert_eq!(round_trips(&requests), expected, "{times:?}");
    }
}

#[test]
fn the_first_fault_that_concerns_a_request_wins_and_both_count_it() {
    let mut interventions = Interventions::default();
    let fault = |on, kind| Fault {
        on,
        times: 1,
        moment: Moment::BeforeEffect,
        kind,
    };
    interventions.inject(fault(On::Request(2), FaultKind::Reset));
    interventions.inject(fault(On::operation("PutBucketCors", 1), FaultKind::Stall));
    interventions.inject(fault(On::operation("PutBucketCors", 2), FaultKind::Garbage));
    let mut kind = |operation: &str| interventions.arrive(operation).fault.map(|(_, kind)| kind);
    assert_eq!(kind("GetObject"), None);
    assert_eq!(kind("PutBucketCors"), Some(FaultKind::Reset));
    assert_eq!(kind("PutBucketCors"), Some(FaultKind::Garbage));
    assert_eq!(kind("PutBucketCors"), None);
}
