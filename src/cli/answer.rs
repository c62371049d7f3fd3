//! `ccmon answer`: Claude's questions, and what MCP servers ask for.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use super::output::{field, line, visible};
use super::{asking, decide, prompt};
use crate::answers::entries::Field;
use crate::answers::question::{Question, Reply};
use crate::answers::{entries, question};
use crate::client::Client;

/// Answer a question of Claude's, or give an MCP server what it asks for
///
/// An answer is the number or the name of an option, several with commas between them where several may be chosen, or
/// your own words; after a `=` it is always your own words, after a `#` always a number. Without answers you are asked
/// for them. An MCP server's fields are given as name=value.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id of the request, or the beginning of it
    id: String,
    /// The answers, one for each question in their order; or name=value for each field of an MCP server
    #[arg(value_name = "ANSWER")]
    answers: Vec<String>,
    /// The answer to one question, which is named by its number or its header: -q 2=Linux. Again for more
    #[arg(short, long, value_name = "N=ANSWER")]
    question: Vec<String>,
    /// All answers as JSON, by question or in order, or the fields of an MCP server; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["answers", "question"])]
    json: Option<PathBuf>,
    /// Do not give the MCP server what it asks for
    #[arg(long, conflicts_with_all = ["answers", "question", "json"])]
    decline: bool,
    /// Dismiss what the MCP server asks, with neither a yes nor a no
    #[arg(long, conflicts_with_all = ["answers", "question", "json", "decline"])]
    cancel: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let approval = decide::pending(&client, &args.id).await?;
    match field(&approval, "kind").as_str() {
        "question" if args.decline || args.cancel => {
            bail!("--decline and --cancel are for an MCP server: `ccmon deny {} [-m TEXT]`", args.id)
        }
        "question" => answer(&client, &approval, &args).await?,
        "elicitation" => fill_in(&client, &approval, &args).await?,
        "plan" => bail!("this is a plan: {}", decide::instead(&approval)),
        _ => bail!("this asks for permission: `ccmon approve {0}` or `ccmon deny {0} [-m TEXT]`", args.id),
    }
    Ok(ExitCode::SUCCESS)
}

async fn answer(client: &Client, approval: &Value, args: &Args) -> anyhow::Result<()> {
    let input = &approval["input"];
    let questions = question::read(input).map_err(|why| anyhow::anyhow!("{why}: answer it in the terminal"))?;
    let replies = match &args.json {
        Some(file) => question::from_json(&questions, &document(file)?).map_err(anyhow::Error::msg)?,
        None => replies(&questions, args)?,
    };
    let updated = question::answered(input, &questions, &replies);
    decide::decide(client, approval, json!({ "decision": "allow", "updated_input": updated }), "").await?;
    for (question, reply) in questions.iter().zip(&replies) {
        let own = if reply.own.is_empty() { "" } else { "  (your own words)" };
        line(&format!("    {} {}{own}", visible(&question.text), visible(&question.words(reply).join(", "))));
    }
    Ok(())
}

/// What the arguments say; what they leave open is asked, when somebody is there.
fn replies(questions: &[Question], args: &Args) -> anyhow::Result<Vec<Reply>> {
    let mut given = of_options(questions, &args.question)?;
    let open: Vec<usize> = (0..questions.len()).filter(|at| given[*at].is_empty()).collect();
    match open.as_slice() {
        // All of them are for the only question that is left.
        [only] => given[*only].extend(args.answers.iter().cloned()),
        more if args.answers.len() > more.len() => {
            bail!("{} questions are asked, and there are {} answers", more.len(), args.answers.len())
        }
        more => more.iter().zip(&args.answers).for_each(|(at, words)| given[*at].push(words.clone())),
    }
    let interactive = prompt::somebody_is_there();
    let mut replies = Vec::new();
    for (at, (question, words)) in questions.iter().zip(&given).enumerate() {
        replies.push(match words.as_slice() {
            [] if interactive => ask(question, at, questions.len())?,
            [] => bail!("{:?} is not answered. {}", question.text, offered(question)),
            words => question.understand_all(words).map_err(anyhow::Error::msg)?,
        });
    }
    Ok(replies)
}

/// `-q 2=Linux`, by question.
fn of_options(questions: &[Question], options: &[String]) -> anyhow::Result<Vec<Vec<String>>> {
    let mut given = vec![Vec::new(); questions.len()];
    for option in options {
        let Some((name, words)) = option.split_once('=') else {
            bail!("--question {option:?} is no N=ANSWER");
        };
        let Some(at) = question::place(questions, name) else {
            bail!("there is no question {name}: they go from 1 to {}", questions.len());
        };
        given[at].push(words.to_owned());
    }
    Ok(given)
}

fn offered(question: &Question) -> String {
    let options = question.options.iter().enumerate().map(|(at, option)| format!("{} {}", at + 1, option.label));
    let options: Vec<String> = options.collect();
    if options.is_empty() { "It takes your own words".to_owned() } else { format!("There are: {}", options.join(", ")) }
}

fn ask(question: &Question, at: usize, count: usize) -> anyhow::Result<Reply> {
    asking::of_question(question, at, count).iter().for_each(|line| prompt::say(line));
    let prompt = match (question.options.is_empty(), question.multi) {
        (true, _) => "Your answer: ",
        (false, false) => "A number, a name, or your own words: ",
        (false, true) => "Numbers or names with commas, or your own words: ",
    };
    prompt::until(prompt, |words| question.understand(words))
}

async fn fill_in(client: &Client, approval: &Value, args: &Args) -> anyhow::Result<()> {
    if args.decline || args.cancel {
        let decision = json!({ "decision": "deny", "cancel": args.cancel });
        decide::decide(client, approval, decision, if args.cancel { ": cancelled" } else { ": declined" }).await?;
        return Ok(());
    }
    if !args.question.is_empty() {
        bail!("--question is for Claude's questions: an MCP server takes name=value");
    }
    let input = &approval["input"];
    let fields = entries::read(input).map_err(|why| anyhow::anyhow!("{why}: answer it in the terminal"))?;
    let content = match &args.json {
        // The daemon checks it, and says what is wrong.
        Some(file) => document(file)?,
        None => {
            let ask = args.answers.is_empty() && prompt::somebody_is_there();
            let content = match ask {
                true => entries::checked(input, ask_fields(approval, &fields)?),
                false => entries::content(input, &fields, &args.answers),
            };
            content.map_err(|wrong| anyhow::anyhow!("nothing was sent: {}", wrong.join("; ")))?
        }
    };
    decide::decide(client, approval, json!({ "decision": "allow", "content": content }), "").await?;
    for (name, value) in content.as_object().into_iter().flatten() {
        line(&format!("    {:<14} {}", visible(name), visible(&asking::plain(value))));
    }
    Ok(())
}

/// Asks for each field; what the server suggests stands for an empty line.
fn ask_fields(approval: &Value, fields: &[Field]) -> anyhow::Result<Map<String, Value>> {
    let input = &approval["input"];
    prompt::say(&format!("“{}” asks: {}", field(input, "server"), field(input, "message")));
    prompt::say("What you enter goes to this server. Do not type passwords here.");
    let mut values = Map::new();
    for field in fields {
        asking::of_field(field).iter().for_each(|line| prompt::say(line));
        let value = prompt::until(&format!("{}: ", visible(&field.name)), |words| understood(field, words))?;
        values.extend(value.map(|value| (field.name.clone(), value)));
    }
    Ok(values)
}

/// The value of a field; nothing for one that is left out.
fn understood(field: &Field, words: &str) -> Result<Option<Value>, String> {
    let known = |value: &Value| field.choices.iter().any(|(known, _)| value.as_str() == Some(known));
    let value = match (&field.suggested, words.is_empty()) {
        (Some(all), true) if all.as_array().is_some_and(|all| all.iter().all(known)) => Ok(all.clone()),
        (Some(suggested), true) => field.understand(&asking::plain(suggested)),
        (None, true) if field.needed => return Err("it is needed".to_owned()),
        (None, true) => return Ok(None),
        (_, false) => field.understand(words),
    };
    value.map(Some).map_err(|why| format!("it {why}"))
}

fn document(file: &std::path::Path) -> anyhow::Result<Value> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}
