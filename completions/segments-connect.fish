# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_segments_connect_global_optspecs
    string join \n json y/yes no-input wait= report= redact-names timeout= q/quiet v/verbose color= h/help V/version
end

function __fish_segments_connect_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_segments_connect_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_segments_connect_using_subcommand
    set -l cmd (__fish_segments_connect_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c segments-connect -n "__fish_segments_connect_needs_command" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_needs_command" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_needs_command" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_needs_command" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_needs_command" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -s V -l version -d 'Print version'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -f -a "aws" -d 'A bucket on Amazon S3'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -f -a "gcp" -d 'A bucket on Google Cloud Storage'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -f -a "azure" -d 'A storage account on Azure'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -f -a "verify" -d 'Why does this URL not work? Check it, its bucket and its CORS rules; any cloud, never writes'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -f -a "explain" -d 'What a cause code means, how it shows, and how to mend it'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -f -a "sandbox" -d 'Run the whole flow against a local cloud inside this program; no account needed'
complete -c segments-connect -n "__fish_segments_connect_needs_command" -f -a "completions" -d 'Print the completions for a shell, or the man page'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l bucket -d 'The bucket: its name, `s3://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l region -d 'The Region to sign in to, as `AWS_REGION`; the bucket\'s own Region is looked up' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l profile -d 'The profile in your AWS configuration, as `AWS_PROFILE`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "connect" -d 'Plan, show, confirm, apply, verify'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "plan" -d 'Read, and show what would change; writes nothing'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "render" -d 'Print the exact documents; offline, no credentials'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "verify" -d 'Check, and explain; never writes'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "disconnect" -d 'Remove the entries that mean the same as the published ones, and only those'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l bucket -d 'The bucket: its name, `s3://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l region -d 'The Region to sign in to, as `AWS_REGION`; the bucket\'s own Region is looked up' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l profile -d 'The profile in your AWS configuration, as `AWS_PROFILE`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from connect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l bucket -d 'The bucket: its name, `s3://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l region -d 'The Region to sign in to, as `AWS_REGION`; the bucket\'s own Region is looked up' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l profile -d 'The profile in your AWS configuration, as `AWS_PROFILE`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l exit-code -d 'Exit with 3 when something would change'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l document -d 'Print this document alone: `bucket-policy`, `cors` or `operator-permissions`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l bucket -d 'The bucket: its name, `s3://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l region -d 'The Region to sign in to, as `AWS_REGION`; the bucket\'s own Region is looked up' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l profile -d 'The profile in your AWS configuration, as `AWS_PROFILE`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from render" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l policy -d 'Judge the bucket policy in this file, offline: the policy itself, or what `aws s3api get-bucket-policy` prints' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l cors -d 'Judge the CORS rules in this file, offline: the rules, what `aws s3api get-bucket-cors` prints, or XML' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l as -d 'Whose credentials these are: `segments` reads as Segments.ai does, and asks nothing that only the owner may ask' -r -f -a "segments\t'Segments.ai\'s own'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l account -d 'The account that must own the bucket, with `--as segments`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l bucket -d 'The bucket: its name, `s3://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l region -d 'The Region to sign in to, as `AWS_REGION`; the bucket\'s own Region is looked up' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l profile -d 'The profile in your AWS configuration, as `AWS_PROFILE`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l bucket -d 'The bucket: its name, `s3://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l region -d 'The Region to sign in to, as `AWS_REGION`; the bucket\'s own Region is looked up' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l profile -d 'The profile in your AWS configuration, as `AWS_PROFILE`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand aws; and __fish_seen_subcommand_from disconnect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l bucket -d 'The bucket: its name, `gs://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l service-account -d 'The service account that Segments.ai hands out for each customer; ask Segments.ai for it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l project -d 'The bucket\'s project, by ID or number; looked up where it is left out' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l role-id -d 'The ID of the custom role to make or use [default: `segments_object_reader`]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l literal-origin -d 'Name `https://app.segments.ai` in the CORS entry besides the published wildcard'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "connect" -d 'Plan, show, confirm, apply, verify'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "plan" -d 'Read, and show what would change; writes nothing'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "render" -d 'Print the exact documents; offline, no credentials'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "verify" -d 'Check, and explain; never writes'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "disconnect" -d 'Remove the entries that mean the same as the published ones, and only those'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l bucket -d 'The bucket: its name, `gs://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l service-account -d 'The service account that Segments.ai hands out for each customer; ask Segments.ai for it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l project -d 'The bucket\'s project, by ID or number; looked up where it is left out' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l role-id -d 'The ID of the custom role to make or use [default: `segments_object_reader`]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l literal-origin -d 'Name `https://app.segments.ai` in the CORS entry besides the published wildcard'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from connect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l bucket -d 'The bucket: its name, `gs://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l service-account -d 'The service account that Segments.ai hands out for each customer; ask Segments.ai for it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l project -d 'The bucket\'s project, by ID or number; looked up where it is left out' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l role-id -d 'The ID of the custom role to make or use [default: `segments_object_reader`]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l exit-code -d 'Exit with 3 when something would change'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l literal-origin -d 'Name `https://app.segments.ai` in the CORS entry besides the published wildcard'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l document -d 'Print this document alone: `custom-role`, `bucket-iam`, `cors` or `operator-permissions`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l bucket -d 'The bucket: its name, `gs://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l service-account -d 'The service account that Segments.ai hands out for each customer; ask Segments.ai for it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l project -d 'The bucket\'s project, by ID or number; looked up where it is left out' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l role-id -d 'The ID of the custom role to make or use [default: `segments_object_reader`]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l literal-origin -d 'Name `https://app.segments.ai` in the CORS entry besides the published wildcard'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from render" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l iam-policy -d 'Judge the IAM policy in this file, offline: what `gcloud storage buckets get-iam-policy --format=json` prints' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l cors -d 'Judge the CORS entries in this file, offline: the entries, or what `gcloud storage buckets describe --format=json` prints' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l custom-role -d 'The custom role, with `--iam-policy`: what `gcloud iam roles describe --format=json` prints' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l as -d 'Whose credentials these are: `segments` reads as Segments.ai does, and asks nothing that only the owner may ask' -r -f -a "segments\t'Segments.ai\'s own'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l bucket -d 'The bucket: its name, `gs://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l service-account -d 'The service account that Segments.ai hands out for each customer; ask Segments.ai for it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l project -d 'The bucket\'s project, by ID or number; looked up where it is left out' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l role-id -d 'The ID of the custom role to make or use [default: `segments_object_reader`]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l literal-origin -d 'Name `https://app.segments.ai` in the CORS entry besides the published wildcard'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l bucket -d 'The bucket: its name, `gs://NAME`, or its https URL' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l service-account -d 'The service account that Segments.ai hands out for each customer; ask Segments.ai for it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l project -d 'The bucket\'s project, by ID or number; looked up where it is left out' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l role-id -d 'The ID of the custom role to make or use [default: `segments_object_reader`]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l object -d 'An object to test with, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l delete-role -d 'Delete the custom role too, which takes effect on every bucket of the project'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l literal-origin -d 'Name `https://app.segments.ai` in the CORS entry besides the published wildcard'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand gcp; and __fish_seen_subcommand_from disconnect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l storage-account -d 'The storage account: its name, or the https URL of a blob in it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l subscription -d 'The subscription that it is in; left out, all that you see are looked through' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l resource-group -d 'The resource group that it is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l tenant -d 'The tenant to sign in to: its ID, or one of its domains' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l service-principal-id -d 'The object ID of the app\'s service principal, where you may not look it up in the directory' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l container -d 'The container of the blobs to test with' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l object -d 'A blob to test with, in that container, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "connect" -d 'Plan, show, confirm, apply, verify'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "plan" -d 'Read, and show what would change; writes nothing'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "render" -d 'Print the exact documents; offline, no credentials'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "verify" -d 'Check, and explain; never writes'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and not __fish_seen_subcommand_from connect plan render verify disconnect" -f -a "disconnect" -d 'Remove the entries that mean the same as the published ones, and only those'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l storage-account -d 'The storage account: its name, or the https URL of a blob in it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l subscription -d 'The subscription that it is in; left out, all that you see are looked through' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l resource-group -d 'The resource group that it is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l tenant -d 'The tenant to sign in to: its ID, or one of its domains' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l service-principal-id -d 'The object ID of the app\'s service principal, where you may not look it up in the directory' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l container -d 'The container of the blobs to test with' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l object -d 'A blob to test with, in that container, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from connect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l storage-account -d 'The storage account: its name, or the https URL of a blob in it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l subscription -d 'The subscription that it is in; left out, all that you see are looked through' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l resource-group -d 'The resource group that it is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l tenant -d 'The tenant to sign in to: its ID, or one of its domains' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l service-principal-id -d 'The object ID of the app\'s service principal, where you may not look it up in the directory' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l container -d 'The container of the blobs to test with' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l object -d 'A blob to test with, in that container, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l exit-code -d 'Exit with 3 when something would change'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l document -d 'Print this document alone: `service-principal`, `role-assignment`, `cors` or `operator-permissions`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l storage-account -d 'The storage account: its name, or the https URL of a blob in it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l subscription -d 'The subscription that it is in; left out, all that you see are looked through' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l resource-group -d 'The resource group that it is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l tenant -d 'The tenant to sign in to: its ID, or one of its domains' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l service-principal-id -d 'The object ID of the app\'s service principal, where you may not look it up in the directory' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l container -d 'The container of the blobs to test with' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l object -d 'A blob to test with, in that container, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from render" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l cors -d 'Judge the CORS rules in this file, offline: what `az storage cors list --services b` prints, or `az storage account blob-service-properties show`' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l role-assignments -d 'Judge the role assignments in this file, offline: what `az role assignment list --scope ID --include-inherited` prints' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l role-definitions -d 'The roles that are assigned, with `--role-assignments`: what `az role definition list` prints' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l as -d 'Whose credentials these are: `segments` reads as Segments.ai does, and asks nothing that only the owner may ask' -r -f -a "segments\t'Segments.ai\'s own'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l storage-account -d 'The storage account: its name, or the https URL of a blob in it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l subscription -d 'The subscription that it is in; left out, all that you see are looked through' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l resource-group -d 'The resource group that it is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l tenant -d 'The tenant to sign in to: its ID, or one of its domains' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l service-principal-id -d 'The object ID of the app\'s service principal, where you may not look it up in the directory' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l container -d 'The container of the blobs to test with' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l object -d 'A blob to test with, in that container, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l storage-account -d 'The storage account: its name, or the https URL of a blob in it' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l subscription -d 'The subscription that it is in; left out, all that you see are looked through' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l resource-group -d 'The resource group that it is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l tenant -d 'The tenant to sign in to: its ID, or one of its domains' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l service-principal-id -d 'The object ID of the app\'s service principal, where you may not look it up in the directory' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l container -d 'The container of the blobs to test with' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l object -d 'A blob to test with, in that container, instead of one found by listing; may be given several times' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l delete-service-principal -d 'Take the app of Segments.ai out of the tenant too, for every storage account in it'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l no-backup -d 'Write without saving the documents as they were'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand azure; and __fish_seen_subcommand_from disconnect" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l region -d 'S3: the Region to sign in to, as `AWS_REGION`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l profile -d 'S3: the profile in your AWS configuration, as `AWS_PROFILE`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l service-account -d 'Google Cloud: the service account that Segments.ai hands out for each customer' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l project -d 'Google Cloud: the bucket\'s project, by ID or number' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l role-id -d 'Google Cloud: the ID of the custom role' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l subscription -d 'Azure: the subscription that the storage account is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l resource-group -d 'Azure: the resource group that it is in' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l tenant -d 'Azure: the tenant to sign in to' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l service-principal-id -d 'Azure: the object ID of the app\'s service principal' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand verify" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand explain" -s h -l help -d 'Print help'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l port -d 'The port to listen on, on 127.0.0.1, where one cloud is named [default: any free one]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l latency -d 'Let every answer take this much longer, as `50ms`' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l serve -d 'Leave the local cloud running, and print the environment that points any command at it'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -l wait -d 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -l report -d 'With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there' -r -F
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -l timeout -d 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]' -r
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -l color -d 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -l json -d 'Print one JSON document on standard output, also when the command fails'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -s y -l yes -d 'Make the changes without asking'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -l no-input -d 'Never ask, not even at a terminal'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -l redact-names -d 'Hash the names in that file: accounts, buckets, people and keys'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -s q -l quiet -d 'Say only what is wrong'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -s v -l verbose -d 'Say what is sent, without secrets'
complete -c segments-connect -n "__fish_segments_connect_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
