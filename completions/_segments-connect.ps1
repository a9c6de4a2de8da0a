
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'segments-connect' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'segments-connect'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'segments-connect' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('aws', 'aws', [CompletionResultType]::ParameterValue, 'A bucket on Amazon S3')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'What a cause code means, how it shows, and how to mend it')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run the whole flow against a local cloud inside this program; no account needed')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell, or the man page')
            break
        }
        'segments-connect;aws' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket: its name, `s3://NAME`, or its https URL')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The Region to sign in to, as `AWS_REGION`; the bucket''s own Region is looked up')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile in your AWS configuration, as `AWS_PROFILE`')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'An object to test with, instead of one found by listing; may be given several times')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Write without saving the documents as they were')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Plan, show, confirm, apply, verify')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Read, and show what would change; writes nothing')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Print the exact documents; offline, no credentials')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check, and explain; never writes')
            [CompletionResult]::new('disconnect', 'disconnect', [CompletionResultType]::ParameterValue, 'Remove the entries that mean the same as the published ones, and only those')
            break
        }
        'segments-connect;aws;connect' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket: its name, `s3://NAME`, or its https URL')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The Region to sign in to, as `AWS_REGION`; the bucket''s own Region is looked up')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile in your AWS configuration, as `AWS_PROFILE`')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'An object to test with, instead of one found by listing; may be given several times')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Write without saving the documents as they were')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'segments-connect;aws;plan' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket: its name, `s3://NAME`, or its https URL')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The Region to sign in to, as `AWS_REGION`; the bucket''s own Region is looked up')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile in your AWS configuration, as `AWS_PROFILE`')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'An object to test with, instead of one found by listing; may be given several times')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 3 when something would change')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Write without saving the documents as they were')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'segments-connect;aws;render' {
            [CompletionResult]::new('--document', '--document', [CompletionResultType]::ParameterName, 'Print this document alone: `bucket-policy`, `cors` or `operator-permissions`')
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket: its name, `s3://NAME`, or its https URL')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The Region to sign in to, as `AWS_REGION`; the bucket''s own Region is looked up')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile in your AWS configuration, as `AWS_PROFILE`')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'An object to test with, instead of one found by listing; may be given several times')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Write without saving the documents as they were')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'segments-connect;aws;verify' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket: its name, `s3://NAME`, or its https URL')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The Region to sign in to, as `AWS_REGION`; the bucket''s own Region is looked up')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile in your AWS configuration, as `AWS_PROFILE`')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'An object to test with, instead of one found by listing; may be given several times')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Write without saving the documents as they were')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'segments-connect;aws;disconnect' {
            [CompletionResult]::new('--bucket', '--bucket', [CompletionResultType]::ParameterName, 'The bucket: its name, `s3://NAME`, or its https URL')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The Region to sign in to, as `AWS_REGION`; the bucket''s own Region is looked up')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile in your AWS configuration, as `AWS_PROFILE`')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'An object to test with, instead of one found by listing; may be given several times')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Write without saving the documents as they were')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'segments-connect;explain' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'segments-connect;sandbox' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port to listen on, on 127.0.0.1, where one cloud is named [default: any free one]')
            [CompletionResult]::new('--latency', '--latency', [CompletionResultType]::ParameterName, 'Let every answer take this much longer, as `50ms`')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--serve', '--serve', [CompletionResultType]::ParameterName, 'Leave the local cloud running, and print the environment that points any command at it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'segments-connect;completions' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output, also when the command fails')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even at a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what is wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is sent, without secrets')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
