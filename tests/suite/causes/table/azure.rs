//! The rows of Azure.

use super::{Row, UNSEEN, found, harmless};

/// What is next to each cause and is none.
const NEAR: &str = "what_is_near_a_cause_on_azure_is_not_told_as_it";
const QUIET: &str = "settings_that_harm_nobody_are_silent";
const RULES: &str = "cors_rules_that_do_not_serve_are_found_and_the_nearest_is_named";

/// A row for each code.
pub const ROWS: &[(&str, Row)] = &[
    ("Z01", found("an_app_that_is_not_installed_is_z01", NEAR)),
    ("Z02", found("a_disabled_app_is_z02", NEAR)),
    (
        "Z03",
        found("a_role_for_another_id_is_z03_and_names_it", NEAR),
    ),
    ("Z04", found("a_role_on_a_container_alone_is_z04", NEAR)),
    (
        "Z05",
        found(
            "roles_without_data_actions_are_z05",
            "another_role_that_does_the_same_is_a_warning_and_passes",
        ),
    ),
    ("Z06", found("a_condition_is_z06", NEAR)),
    ("Z07", found("a_new_assignment_is_told_as_such", NEAR)),
    (
        "Z08",
        found("a_deny_assignment_is_z08_unless_it_excludes_the_app", NEAR),
    ),
    ("Z09", UNSEEN),
    ("Z10", found("no_role_at_all_is_z10", NEAR)),
    (
        "Z11",
        found("a_firewall_is_z11_and_private_networks_are_z12", NEAR),
    ),
    (
        "Z12",
        found("a_firewall_is_z11_and_private_networks_are_z12", NEAR),
    ),
    (
        "Z13",
        harmless("a_firewall_is_z11_and_private_networks_are_z12"),
    ),
    (
        "Z14",
        found("policies_for_links_are_z14_and_z15_where_they_block", NEAR),
    ),
    (
        "Z15",
        found("policies_for_links_are_z14_and_z15_where_they_block", NEAR),
    ),
    ("Z16", harmless(QUIET)),
    ("Z17", harmless(QUIET)),
    (
        "Z18",
        found("an_archived_blob_is_z18_and_one_on_its_way_back_too", NEAR),
    ),
    ("Z19", found("a_blob_under_its_owners_key_is_z19", NEAR)),
    (
        "Z20",
        found("an_encryption_scope_is_z20_only_when_it_is_disabled", NEAR),
    ),
    ("Z21", harmless(QUIET)),
    (
        "Z22",
        found(
            "accounts_without_cors_or_without_blobs_are_told_apart",
            NEAR,
        ),
    ),
    (
        "Z23",
        found(
            "five_rules_and_none_that_serves_is_a_refusal_that_shows_them_and_both_ways_out",
            NEAR,
        ),
    ),
    ("Z24", found(RULES, NEAR)),
    ("Z25", found(RULES, NEAR)),
    (
        "Z26",
        found(
            "a_subscription_of_another_tenant_is_the_wrong_tenant_and_named",
            NEAR,
        ),
    ),
    (
        "Z27",
        found(
            "a_tenant_that_forbids_apps_is_z27_and_one_that_admits_them_is_not",
            NEAR,
        ),
    ),
    (
        "Z28",
        found(
            "national_clouds_are_refused_with_the_reason_before_any_request",
            NEAR,
        ),
    ),
    (
        "Z29",
        found("an_account_in_a_zone_of_its_own_has_another_host", NEAR),
    ),
    (
        "Z30",
        found(
            "hosts_that_stand_before_a_store_are_told_with_their_cause",
            "hosts_that_stand_before_a_store_are_told_with_their_cause",
        ),
    ),
    (
        "Z31",
        found("other_capitals_and_other_containers_are_z31", NEAR),
    ),
    (
        "Z32",
        found(
            "a_policy_that_refuses_the_change_is_z32_and_a_missing_right_is_not",
            NEAR,
        ),
    ),
    (
        "Z33",
        found(
            "a_read_only_lock_is_told_as_a_lock_and_not_as_a_missing_right",
            NEAR,
        ),
    ),
    (
        "Z34",
        found(
            "accounts_without_cors_or_without_blobs_are_told_apart",
            NEAR,
        ),
    ),
    (
        "Z35",
        found(
            "azure_that_refuses_what_a_stored_rule_admits_is_z35",
            "azure_that_answers_as_stored_is_not_z35",
        ),
    ),
    (
        "Z45",
        found(
            "each_fault_of_a_link_has_its_cause",
            "a_presigned_link_tells_what_it_promises",
        ),
    ),
];
