use super::*;
use proptest::prelude::*;

fn problem(text: &str) -> String {
    match parse(text) {
        Ok(value) => panic!("taken as {value}"),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn numbers_keep_every_digit() {
    for (number, written) in [
        ("0", "0"),
        ("-0", "-0"),
        ("1.10", "1.10"),
        ("1.0", "1.0"),
        ("86400000", "86400000"),
        ("1E400", "1e+400"),
        ("1e400", "1e+400"),
        ("1e+5", "1e+5"),
        ("1E-05", "1e-05"),
        ("-12.50e3", "-12.50e+3"),
        (
            "123456789012345678901234567890123456789",
            "123456789012345678901234567890123456789",
        ),
        (
            "0.10000000000000000555111512312578270",
            "0.10000000000000000555111512312578270",
        ),
    ] {
        let value = parse(number).unwrap_or_else(|problem| panic!("{number}: {problem}"));
        assert_eq!(compact(&value), written);
        assert_eq!(parse(written), Ok(value));
    }
}

#[test]
fn an_object_with_the_internal_name_of_numbers_stays_an_object() {
    let text = "{\"$serde_json::private::Number\":\"1.5\"}";
    let value = parse(text).expect("it is JSON");
    assert!(value.is_object());
    assert_eq!(compact(&value), text);
}

#[test]
fn a_member_that_stands_twice_is_refused_with_its_place() {
    let text =
        "{\n  \"Statement\": [\n    {\"Effect\": \"Allow\",\n     \"Effect\": \"Deny\"}\n  ]\n}";
    let problem = parse(text).expect_err("it stands twice");
    assert_eq!((problem.line, problem.column), (4, 6));
    assert_eq!(problem.path, "Statement[0]");
    assert!(
        problem
            .to_string()
            .starts_with("line 4, column 6: the member `Effect` stands twice")
    );
    assert!(problem.to_string().ends_with("(at `Statement[0]`)"));
}

#[test]
fn names_are_compared_as_they_are_meant_not_as_they_are_escaped() {
    assert!(problem("{\"a\":1,\"\\u0061\":2}").contains("stands twice"));
    assert!(parse("{\"a\":1,\"A\":2}").is_ok());
    assert!(parse("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}").is_ok());
}

#[test]
fn order_and_unknown_members_are_kept() {
    let text = "{\"z\":1,\"a\":[null,true,false,{\"y\":\"\",\"b\":{}}],\"Ü\":\"é\"}";
    assert_eq!(compact(&parse(text).expect("it is JSON")), text);
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "nul",
        "nulll",
        "True",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "--1",
        "1-1",
        "NaN",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"a\nb\"",
        "{} {}",
        "{}x",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\"}",
        "\u{feff}{}",
        "// x\n{}",
        "\"\\",
        "{\"a\\",
    ] {
        assert!(parse(text).is_err(), "{text:?} was taken");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert!(problem(&nested(MAX_DEPTH + 1)).contains("nested deeper than 128"));
    assert!(problem(&"[".repeat(1_000_000)).contains("nested deeper"));
    assert!(problem(&"{\"a\":".repeat(1_000_000)).contains("nested deeper"));
}

#[test]
fn a_string_of_quotes_keeps_every_one() {
    assert_eq!(parse("\"\\\"\\\"\""), Ok(Value::from("\"\"")));
    assert_eq!(parse("\"\""), Ok(Value::from("")));
    assert_eq!(parse("\"\\u00e9\\ud83d\\ude00\""), Ok(Value::from("é😀")));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\",:0-9eE+.\\\\ a-fnrtu\n\u{0}é-]{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn it_agrees_with_serde_where_both_take_a_text(text in "[\\[\\]{}\",:0-9eE+. tru-]{0,12}") {
        if let Ok(value) = parse(&text) {
            prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
        }
    }
}
