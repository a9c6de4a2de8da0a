//! The rows of Google Cloud.

use super::{Row, UNSEEN, found, harmless};

/// What is next to each cause and is none.
const NEAR: &str = "what_is_near_a_cause_on_google_cloud_is_not_told_as_it";
const SAMPLE: &str = "keys_and_missing_objects_are_told_for_the_sample";
const ROLE: &str = "a_role_that_lost_its_effect_is_told_with_the_command_that_mends_it";
const BUCKET: &str = "requester_pays_an_ip_filter_and_a_zone_are_told";

/// A row for each code.
pub const ROWS: &[(&str, Row)] = &[
    ("G01", found("a_binding_that_is_not_there_is_told", NEAR)),
    ("G02", found(ROLE, NEAR)),
    ("G03", found(ROLE, NEAR)),
    ("G04", found(ROLE, NEAR)),
    ("G05", found("an_account_that_was_deleted_is_told", NEAR)),
    (
        "G06",
        found("a_condition_on_the_projects_grant_is_evaluated_too", NEAR),
    ),
    (
        "G07",
        found("a_managed_folder_is_a_part_of_the_bucket", NEAR),
    ),
    (
        "G08",
        found(
            "both_constraints_on_members_are_told_with_the_request_to_send",
            NEAR,
        ),
    ),
    (
        "G09",
        found(
            "an_organisation_that_would_refuse_the_grant_today_is_a_warning",
            NEAR,
        ),
    ),
    ("G10", found("a_deny_policy_outweighs_the_grant", NEAR)),
    (
        "G11",
        found(
            "a_perimeter_that_refuses_is_g11_and_one_that_admits_is_not_seen",
            NEAR,
        ),
    ),
    ("G12", found(BUCKET, NEAR)),
    ("G13", found(BUCKET, NEAR)),
    ("G14", found(SAMPLE, NEAR)),
    ("G15", found(SAMPLE, NEAR)),
    ("G16", harmless("what_is_often_suspected_is_harmless")),
    ("G17", UNSEEN),
    ("G18", Row::Never),
    ("G19", Row::Never),
    ("G20", found(SAMPLE, NEAR)),
    ("G21", harmless("what_is_often_suspected_is_harmless")),
    (
        "G22",
        found("no_entry_for_the_page_is_told_at_both_forms", NEAR),
    ),
    (
        "G23",
        found("an_earlier_entry_that_lists_too_few_headers_is_told", NEAR),
    ),
    (
        "G24",
        found(
            "a_wildcard_that_google_does_not_match_has_its_own_cause_and_mend",
            NEAR,
        ),
    ),
    (
        "G25",
        found(
            "what_is_no_bucket_is_refused_with_the_reason",
            "every_written_form_of_a_bucket_is_understood",
        ),
    ),
    (
        "G26",
        found(
            "an_empty_bucket_and_a_dotted_name_are_told_apart_from_trouble",
            NEAR,
        ),
    ),
    (
        "G27",
        found("a_bucket_in_another_project_needs_its_role_there", NEAR),
    ),
    ("G28", found(BUCKET, NEAR)),
    (
        "G29",
        found(
            "google_that_refuses_what_a_stored_entry_admits_is_g29",
            "google_that_answers_as_stored_or_beyond_its_documents_is_not_g29",
        ),
    ),
    (
        "G39",
        found(
            "each_fault_of_a_link_has_its_cause",
            "a_presigned_link_tells_what_it_promises",
        ),
    ),
];
