//! The rows of AWS.

use super::{Row, UNSEEN, found, harmless};

/// What is next to each cause and is none.
const NEAR: &str = "what_is_near_a_cause_on_s3_is_not_told_as_it";
const GRANT: &str = "each_way_in_which_the_grant_can_be_missing_is_named";
const DENIED: &str = "a_certain_denial_is_named_and_its_remedy_mends_it";
const MAY: &str = "a_denial_that_may_apply_is_unknown_with_its_name";
const UNWRITTEN: &str = "a_policy_that_must_not_be_written_stops_both_documents";

/// A row for each code.
pub const ROWS: &[(&str, Row)] = &[
    ("A01", found(GRANT, NEAR)),
    ("A02", found(GRANT, NEAR)),
    (
        "A03",
        found(
            "a_grant_for_a_part_of_the_bucket_is_told_for_the_bucket_and_for_the_sample",
            NEAR,
        ),
    ),
    ("A04", found(DENIED, NEAR)),
    ("A05", found(DENIED, NEAR)),
    (
        "A06",
        harmless("what_is_often_suspected_is_told_as_harmless"),
    ),
    ("A07", found(MAY, NEAR)),
    ("A08", found(DENIED, NEAR)),
    ("A09", found(DENIED, NEAR)),
    ("A10", found(DENIED, NEAR)),
    ("A11", found(DENIED, NEAR)),
    ("A12", found(DENIED, NEAR)),
    ("A13", found(DENIED, NEAR)),
    ("A14", found(DENIED, NEAR)),
    (
        "A15",
        found(
            "an_object_is_kept_out_by_its_tags",
            "an_object_that_has_the_tag_is_let_in",
        ),
    ),
    (
        "A16",
        found(
            "a_public_statement_voids_the_grant_where_public_buckets_are_restricted",
            "a_public_statement_is_harmless_where_nothing_restricts_it",
        ),
    ),
    (
        "A17",
        found(UNWRITTEN, "without_an_action_the_bucket_is_connected"),
    ),
    (
        "A18",
        harmless("block_public_access_decides_only_where_the_policy_is_public"),
    ),
    (
        "A19",
        harmless("block_public_access_decides_only_where_the_policy_is_public"),
    ),
    ("A20", found(GRANT, NEAR)),
    ("A21", found(GRANT, NEAR)),
    (
        "A22",
        found(
            "the_whole_account_is_more_than_was_asked_for_and_works",
            NEAR,
        ),
    ),
    ("A23", Row::Never),
    ("A24", Row::Never),
    (
        "A25",
        found("the_key_that_aws_manages_can_never_be_shared", NEAR),
    ),
    (
        "A26",
        found(
            "a_customers_key_must_let_segments_decrypt",
            "a_grant_alone_lets_segments_decrypt",
        ),
    ),
    (
        "A27",
        found(
            "samples_that_are_encrypted_in_different_ways_are_a27",
            "only_samples_that_need_different_rights_are_a27",
        ),
    ),
    (
        "A28",
        found(
            "a_key_that_is_switched_off_opens_nothing",
            "a_customers_key_must_let_segments_decrypt",
        ),
    ),
    (
        "A29",
        found(
            "a_key_that_only_the_customer_holds_cannot_be_used_by_a_link",
            NEAR,
        ),
    ),
    (
        "A30",
        found("a_customers_key_must_let_segments_decrypt", NEAR),
    ),
    (
        "A31",
        found(
            "an_object_of_another_account_is_not_covered_by_the_policy",
            NEAR,
        ),
    ),
    (
        "A32",
        found("archived_objects_cannot_be_read_at_once", NEAR),
    ),
    (
        "A33",
        found("where_whoever_reads_pays_links_do_not_work", NEAR),
    ),
    (
        "A34",
        found("a_url_with_another_region_than_the_buckets_is_named", NEAR),
    ),
    (
        "A35",
        found(
            "a_region_that_accounts_opt_in_to_is_a35_and_others_are_not",
            "a_region_that_accounts_opt_in_to_is_a35_and_others_are_not",
        ),
    ),
    (
        "A36",
        found(
            "a_name_with_a_dot_has_no_certificate",
            "any_other_tls_failure_says_nothing_about_the_bucket",
        ),
    ),
    (
        "A37",
        found(
            "traps_of_host_and_key_are_found_and_plain_urls_have_none",
            "every_form_names_bucket_and_object",
        ),
    ),
    (
        "A38",
        found(
            "a_named_object_that_is_not_there_is_named",
            "a_key_that_may_be_missing_is_not_called_denied",
        ),
    ),
    (
        "A39",
        found("each_way_in_which_the_rule_can_miss_is_named", NEAR),
    ),
    (
        "A40",
        found(
            "headers_that_are_not_admitted_block_some_requests_only",
            NEAR,
        ),
    ),
    ("A41", Row::Never),
    (
        "A42",
        found(
            "traps_of_host_and_key_are_found_and_plain_urls_have_none",
            "every_form_names_bucket_and_object",
        ),
    ),
    (
        "A43",
        found(
            "kinds_of_buckets_that_cannot_be_read_are_a43_and_say_so_before_anything_is_asked",
            "kinds_of_buckets_that_cannot_be_read_are_a43_and_say_so_before_anything_is_asked",
        ),
    ),
    (
        "A44",
        found(
            UNWRITTEN,
            "the_limit_itself_is_taken_and_one_byte_more_is_not",
        ),
    ),
    ("A45", UNSEEN),
    ("A46", Row::Never),
    (
        "A47",
        found(
            "each_fault_of_a_link_has_its_cause",
            "a_presigned_link_tells_what_it_promises",
        ),
    ),
    ("A48", UNSEEN),
    ("A49", found("a_deny_without_a_condition_is_final", NEAR)),
    (
        "A50",
        found(
            "s3_that_refuses_what_a_stored_rule_admits_is_a50",
            "s3_that_answers_as_stored_is_not_a50",
        ),
    ),
    (
        "A51",
        found("a_grant_whose_condition_is_never_met_is_no_grant", NEAR),
    ),
    ("A52", found(DENIED, NEAR)),
    (
        "A53",
        found(
            "what_is_granted_beyond_reading_is_a_warning_with_its_statement",
            "the_published_statement_lets_segments_read_and_nobody_else_in",
        ),
    ),
    (
        "A54",
        found(
            "a_public_statement_is_told_unless_block_public_access_voids_it",
            "the_published_statement_lets_segments_read_and_nobody_else_in",
        ),
    ),
    (
        "A55",
        found(
            "a_bucket_of_another_account_is_caught_by_the_guard",
            "segments_own_read_is_the_only_proof_of_it_and_asks_nothing_of_the_owners",
        ),
    ),
    (
        "A59",
        found(
            "each_fault_of_a_link_has_its_cause",
            "a_presigned_link_tells_what_it_promises",
        ),
    ),
];
