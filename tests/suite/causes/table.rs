//! Which test finds which cause.

/// What becomes of a cause.
pub enum Row {
    /// It is found.
    Found {
        /// The test in which it is.
        fires: &'static str,
        /// A test in which it is not, where it must not be.
        silent: &'static str,
    },
    /// It cannot be found; the page says why.
    Never,
    /// It is no obstacle.
    Harmless {
        /// The test in which it is there and nothing is said against it; none where it shows in nothing that is read.
        silent: Option<&'static str>,
    },
}

const fn found(fires: &'static str, silent: &'static str) -> Row {
    Row::Found { fires, silent }
}

const fn harmless(silent: &'static str) -> Row {
    Row::Harmless {
        silent: Some(silent),
    }
}

const UNSEEN: Row = Row::Harmless { silent: None };

const AWS: &str = "a_connected_bucket_passes_and_no_more_is_said_than_was_seen";
const GRANT: &str = "each_way_in_which_the_grant_can_be_missing_is_named";
const DENIED: &str = "a_certain_denial_is_named_and_its_remedy_mends_it";
const MAY: &str = "a_denial_that_may_apply_is_unknown_with_its_name";
const UNWRITTEN: &str = "a_policy_that_must_not_be_written_stops_both_documents";
const GOOGLE: &str = "the_connected_bucket_shows_no_cause_at_all";
const SAMPLE: &str = "keys_and_missing_objects_are_told_for_the_sample";
const ROLE: &str = "a_role_that_lost_its_effect_is_told_with_the_command_that_mends_it";
const BUCKET: &str = "requester_pays_an_ip_filter_and_a_zone_are_told";
const AZURE: &str = "a_connected_account_passes_and_no_more_is_said_than_was_seen";
const QUIET: &str = "settings_that_harm_nobody_are_silent";
const RULES: &str = "cors_rules_that_do_not_serve_are_found_and_the_nearest_is_named";

/// A row for each code.
pub const ROWS: &[(&str, Row)] = &[
    ("A01", found(GRANT, AWS)),
    ("A02", found(GRANT, AWS)),
    (
        "A03",
        found(
            "a_grant_for_a_part_of_the_bucket_is_told_for_the_bucket_and_for_the_sample",
            AWS,
        ),
    ),
    ("A04", found(DENIED, AWS)),
    ("A05", found(DENIED, AWS)),
    (
        "A06",
        harmless("what_is_often_suspected_is_told_as_harmless"),
    ),
    (
        "A07",
        found(MAY, "what_is_often_suspected_is_told_as_harmless"),
    ),
    ("A08", found(DENIED, AWS)),
    ("A09", found(DENIED, AWS)),
    ("A10", found(DENIED, AWS)),
    ("A11", found(DENIED, AWS)),
    ("A12", found(DENIED, AWS)),
    ("A13", found(DENIED, AWS)),
    ("A14", found(DENIED, AWS)),
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
    ("A20", found(GRANT, AWS)),
    ("A21", found(GRANT, AWS)),
    (
        "A22",
        found(
            "the_whole_account_is_more_than_was_asked_for_and_works",
            AWS,
        ),
    ),
    ("A23", Row::Never),
    ("A24", Row::Never),
    (
        "A25",
        found("the_key_that_aws_manages_can_never_be_shared", AWS),
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
            AWS,
        ),
    ),
    (
        "A30",
        found("a_customers_key_must_let_segments_decrypt", AWS),
    ),
    (
        "A31",
        found(
            "an_object_of_another_account_is_not_covered_by_the_policy",
            AWS,
        ),
    ),
    (
        "A32",
        found(
            "archived_objects_cannot_be_read_at_once",
            "an_object_that_can_be_read_at_once_is_preferred_as_the_sample",
        ),
    ),
    (
        "A33",
        found("where_whoever_reads_pays_links_do_not_work", AWS),
    ),
    (
        "A34",
        found("a_url_with_another_region_than_the_buckets_is_named", AWS),
    ),
    (
        "A35",
        found(
            "a_region_that_accounts_opt_in_to_is_a35_and_others_are_not",
            AWS,
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
        found("each_way_in_which_the_rule_can_miss_is_named", AWS),
    ),
    (
        "A40",
        found(
            "headers_that_are_not_admitted_block_some_requests_only",
            AWS,
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
            AWS,
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
    ("A49", found("a_deny_without_a_condition_is_final", AWS)),
    (
        "A50",
        found(
            "s3_that_refuses_what_a_stored_rule_admits_is_a50",
            "s3_that_answers_as_stored_is_not_a50",
        ),
    ),
    (
        "A51",
        found("a_grant_whose_condition_is_never_met_is_no_grant", AWS),
    ),
    ("A52", found(DENIED, AWS)),
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
    ("G01", found("a_binding_that_is_not_there_is_told", GOOGLE)),
    ("G02", found(ROLE, GOOGLE)),
    ("G03", found(ROLE, GOOGLE)),
    ("G04", found(ROLE, GOOGLE)),
    ("G05", found("an_account_that_was_deleted_is_told", GOOGLE)),
    (
        "G06",
        found("a_condition_on_the_projects_grant_is_evaluated_too", GOOGLE),
    ),
    (
        "G07",
        found("a_managed_folder_is_a_part_of_the_bucket", GOOGLE),
    ),
    (
        "G08",
        found(
            "both_constraints_on_members_are_told_with_the_request_to_send",
            GOOGLE,
        ),
    ),
    (
        "G09",
        found(
            "an_organisation_that_would_refuse_the_grant_today_is_a_warning",
            GOOGLE,
        ),
    ),
    ("G10", found("a_deny_policy_outweighs_the_grant", GOOGLE)),
    (
        "G11",
        found(
            "a_perimeter_that_refuses_is_g11_and_one_that_admits_is_not_seen",
            GOOGLE,
        ),
    ),
    ("G12", found(BUCKET, GOOGLE)),
    ("G13", found(BUCKET, GOOGLE)),
    ("G14", found(SAMPLE, GOOGLE)),
    ("G15", found(SAMPLE, GOOGLE)),
    ("G16", harmless("what_is_often_suspected_is_harmless")),
    ("G17", UNSEEN),
    ("G18", Row::Never),
    ("G19", Row::Never),
    ("G20", found(SAMPLE, GOOGLE)),
    ("G21", harmless("what_is_often_suspected_is_harmless")),
    (
        "G22",
        found("no_entry_for_the_page_is_told_at_both_forms", GOOGLE),
    ),
    (
        "G23",
        found(
            "an_earlier_entry_that_lists_too_few_headers_is_told",
            GOOGLE,
        ),
    ),
    (
        "G24",
        found(
            "a_wildcard_that_google_does_not_match_has_its_own_cause_and_mend",
            GOOGLE,
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
            GOOGLE,
        ),
    ),
    (
        "G27",
        found("a_bucket_in_another_project_needs_its_role_there", GOOGLE),
    ),
    ("G28", found(BUCKET, GOOGLE)),
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
    ("Z01", found("an_app_that_is_not_installed_is_z01", AZURE)),
    ("Z02", found("a_disabled_app_is_z02", AZURE)),
    (
        "Z03",
        found("a_role_for_another_id_is_z03_and_names_it", AZURE),
    ),
    ("Z04", found("a_role_on_a_container_alone_is_z04", AZURE)),
    (
        "Z05",
        found(
            "roles_without_data_actions_are_z05",
            "another_role_that_does_the_same_is_a_warning_and_passes",
        ),
    ),
    ("Z06", found("a_condition_is_z06", AZURE)),
    ("Z07", found("a_new_assignment_is_told_as_such", AZURE)),
    (
        "Z08",
        found("a_deny_assignment_is_z08_unless_it_excludes_the_app", AZURE),
    ),
    ("Z09", UNSEEN),
    ("Z10", found("no_role_at_all_is_z10", AZURE)),
    (
        "Z11",
        found("a_firewall_is_z11_and_private_networks_are_z12", AZURE),
    ),
    (
        "Z12",
        found("a_firewall_is_z11_and_private_networks_are_z12", AZURE),
    ),
    (
        "Z13",
        harmless("a_firewall_is_z11_and_private_networks_are_z12"),
    ),
    (
        "Z14",
        found("policies_for_links_are_z14_and_z15_where_they_block", AZURE),
    ),
    (
        "Z15",
        found("policies_for_links_are_z14_and_z15_where_they_block", AZURE),
    ),
    ("Z16", harmless(QUIET)),
    ("Z17", harmless(QUIET)),
    (
        "Z18",
        found("an_archived_blob_is_z18_and_one_on_its_way_back_too", AZURE),
    ),
    ("Z19", found("a_blob_under_its_owners_key_is_z19", AZURE)),
    (
        "Z20",
        found("an_encryption_scope_is_z20_only_when_it_is_disabled", AZURE),
    ),
    ("Z21", harmless(QUIET)),
    (
        "Z22",
        found(
            "accounts_without_cors_or_without_blobs_are_told_apart",
            "a_premium_account_for_block_blobs_is_connected_like_any_other",
        ),
    ),
    (
        "Z23",
        found(
            "five_rules_and_none_that_serves_is_a_refusal_that_shows_them_and_both_ways_out",
            "connecting_makes_three_documents_and_checks_them",
        ),
    ),
    (
        "Z24",
        found(
            RULES,
            "wider_rules_serve_too_and_one_for_everybody_is_a_warning",
        ),
    ),
    (
        "Z25",
        found(
            RULES,
            "wider_rules_serve_too_and_one_for_everybody_is_a_warning",
        ),
    ),
    (
        "Z26",
        found(
            "a_subscription_of_another_tenant_is_the_wrong_tenant_and_named",
            "the_account_is_found_over_many_subscriptions_and_pages",
        ),
    ),
    (
        "Z27",
        found(
            "a_tenant_that_forbids_apps_is_z27_and_one_that_admits_them_is_not",
            AZURE,
        ),
    ),
    (
        "Z28",
        found(
            "national_clouds_are_refused_with_the_reason_before_any_request",
            "a_url_names_the_account_and_the_blob",
        ),
    ),
    (
        "Z29",
        found(
            "an_account_in_a_zone_of_its_own_has_another_host",
            "a_url_names_the_account_and_the_blob",
        ),
    ),
    ("Z30", Row::Never),
    (
        "Z31",
        found(
            "other_capitals_and_other_containers_are_z31",
            "a_named_blob_is_the_one_that_is_tried",
        ),
    ),
    (
        "Z32",
        found(
            "a_policy_that_refuses_the_change_is_z32_and_a_missing_right_is_not",
            "connecting_makes_three_documents_and_checks_them",
        ),
    ),
    (
        "Z33",
        found(
            "a_read_only_lock_is_told_as_a_lock_and_not_as_a_missing_right",
            "connecting_makes_three_documents_and_checks_them",
        ),
    ),
    (
        "Z34",
        found(
            "accounts_without_cors_or_without_blobs_are_told_apart",
            AZURE,
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
