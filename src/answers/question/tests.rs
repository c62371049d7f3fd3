use super::*;

fn two() -> Value {
    json!({ "questions": [
        { "question": "Which database?", "header": "Database", "multiSelect": false,
          "options": [{ "label": "SQLite", "description": "One file" }, { "label": "Postgres" }] },
        { "question": "Which platforms?", "header": "Platforms", "multiSelect": true,
          "options": [{ "label": "Linux" }, "macOS", { "label": "Windows, all of them" }] },
    ], "more": 1 })
}

/// What Claude reads as the answer to question `at`, or why there is none.
fn said(at: usize, words: &str) -> Result<Value, String> {
    let questions = read(&two()).unwrap();
    questions[at].understand(words).map(|reply| questions[at].said(&reply))
}

#[test]
fn an_option_is_named_or_numbered_and_anything_else_is_ones_own_words() {
    for (words, answer) in [
        ("2", "Postgres"),
        ("#1", "SQLite"),
        ("postgres", "Postgres"),
        (" SQLite ", "SQLite"),
        ("both, one each", "both, one each"),
        ("=2", "2"),
        ("=sqlite", "sqlite"),
        ("=Postgre", "Postgre"),
    ] {
        assert_eq!(said(0, words), Ok(json!(answer)), "{words}");
    }
}

#[test]
fn several_are_told_apart_by_commas() {
    for (words, answer) in [
        ("1,2", json!("Linux, macOS")),
        ("macos, linux", json!("Linux, macOS")),
        ("Windows, all of them", json!("Windows, all of them")),
        ("1,3", json!(["Linux", "Windows, all of them"])),
        ("Linux, BeOS, Haiku", json!(["Linux", "BeOS, Haiku"])),
        ("BeOS", json!("BeOS")),
    ] {
        assert_eq!(said(1, words), Ok(answer), "{words}");
    }
    let questions = read(&two()).unwrap();
    let reply = questions[1].understand_all(&["2".into(), "linux".into(), "=1".into()]).unwrap();
    assert_eq!(questions[1].said(&reply), "Linux, macOS, 1");
    assert!(questions[0].understand_all(&["1".into(), "2".into()]).unwrap_err().contains("takes one answer"));
}

#[test]
fn what_may_be_a_slip_is_asked_back() {
    for (at, words, why) in [
        (0, "3", "from 1 to 2. =3 says"),
        (0, "0", "there is no option 0"),
        (0, "99999999999999999999999", "from 1 to 2"),
        (0, "Postgers", "the option \"Postgres\"? =Postgers"),
        (0, " ", "empty"),
        (0, "=", "empty"),
        (1, "Linux, mcOS", "the option \"macOS\"?"),
        (1, ",", "empty"),
        (1, "1,9", "no option 9"),
    ] {
        let told = said(at, words).unwrap_err();
        assert!(told.contains(why), "{words}: {told}");
    }
    let years = json!({ "questions": [{ "question": "How many?", "options": ["2", "1", "4"] }] });
    let years = read(&years).unwrap();
    assert!(years[0].understand("1").unwrap_err().contains("say #2 or #1"));
    assert_eq!(years[0].understand("#1").unwrap().picks, [0].into());
    assert_eq!(years[0].understand("4").unwrap().picks, [2].into());
}

#[test]
fn answers_go_into_the_whole_input() {
    let (input, questions) = (two(), read(&two()).unwrap());
    let replies = [questions[0].understand("2").unwrap(), questions[1].understand("1,2").unwrap()];
    let answered = answered(&input, &questions, &replies);
    let expected = json!({ "Which database?": "Postgres", "Which platforms?": "Linux, macOS" });
    assert_eq!(
        (&answered["answers"], &answered["questions"], &answered["more"]),
        (&expected, &input["questions"], &json!(1))
    );
}

#[test]
fn a_document_answers_by_name_or_in_order() {
    let questions = read(&two()).unwrap();
    let heard = |document: Value| {
        let replies = from_json(&questions, &document)?;
        Ok::<_, String>(
            answered(&json!({}), &questions, &replies)["answers"]
                .as_object()
                .unwrap()
                .values()
                .cloned()
                .collect::<Vec<_>>(),
        )
    };
    for document in [
        json!({ "Which database?": "Postgres", "Which platforms?": ["Linux", "macOS"] }),
        json!({ "platforms": [1, "macOS"], "Database": 2 }),
        json!([2, [1, 2]]),
    ] {
        assert_eq!(heard(document.clone()), Ok(vec![json!("Postgres"), json!("Linux, macOS")]), "{document}");
    }
    assert_eq!(heard(json!(["2", "1,2"])), Ok(vec![json!("2"), json!("1,2")]), "a text is no number");
    for (document, why) in [
        (json!({ "Database": 1 }), "\"Which platforms?\" is not answered"),
        (json!({ "Database": 1, "Platforms": 1, "Colour": 1 }), "no question is called \"Colour\""),
        (json!({ "Database": 1, "Which database?": 2, "Platforms": 1 }), "answered twice"),
        (json!(["x"]), "2 questions are asked, and 1 are answered"),
        (json!([3, 1]), "3 answers nothing"),
        (json!([0, 1]), "0 answers nothing"),
        (json!([["SQLite", "Postgres"], 1]), "takes one answer"),
        (json!([true, 1]), "true answers nothing"),
        (json!(["", 1]), "answers nothing"),
        (json!([1, []]), "is not answered"),
    ] {
        let told = heard(document.clone()).unwrap_err();
        assert!(told.contains(why), "{document}: {told}");
    }
    assert_eq!(from_json(&questions[..1], &json!("Postgres")).unwrap()[0].picks, [1].into());
}

#[test]
fn what_cannot_be_answered_says_why() {
    let one = |question: Value| read(&json!({ "questions": [question] })).unwrap_err();
    assert!(read(&json!({})).unwrap_err().contains("no question"));
    assert!(one(json!({ "question": " " })).contains("no text"));
    assert!(one(json!({ "question": "a", "options": 5 })).contains("not made like"));
    assert!(one(json!({ "question": "a", "options": [{ "label": "" }] })).contains("no name"));
    assert!(one(json!({ "question": "a", "options": ["x", "x "] })).contains("called the same"));
    let same = json!({ "questions": [{ "question": "a" }, { "question": "a" }] });
    assert!(read(&same).unwrap_err().contains("worded the same"));
}

#[test]
fn a_name_without_end_is_not_compared() {
    let long = "y".repeat(200_000);
    let asked =
        read(&json!({ "questions": [{ "question": "Which?", "options": [{ "label": long }, { "label": "Yes" }] }] }));
    let asked = asked.expect("a question");
    assert_eq!(asked[0].understand("yonder").map(|reply| reply.own), Ok("yonder".to_owned()));
    assert!(asked[0].understand(&"z".repeat(200_000)).is_ok());
    assert!(asked[0].understand("yess").is_err());
}
